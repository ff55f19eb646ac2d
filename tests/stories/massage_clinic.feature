Feature: A woman from Thailand who works in a massage clinic
  She has a valid permit, so the coordinator itself decides. Outreach met her at work.

  Scenario: She has a permit
    Given the outreach takes a contact "clinic visit"
      | venue  | massage clinic |
      | source | self           |
    And the contact "clinic visit" is triaged by the outreach
      | priority     | routine |
      | exploitation | sexual  |
    When the police refers "Mali" to the shelter for accommodation
      | sex          | female |
      | language     | tha    |
      | interpreter  | yes    |
      | residence    | lawful |
      | exploitation | sexual |
      | first name   | Mali   |
    And the contact "clinic visit" is referred by the outreach
      | referral | Mali |
    And the coordinator reports "identification requested" of "Mali"
    Then "competent authority determined" has happened to "Mali"
    When the coordinator reports "interview offered" of "Mali"
    And the coordinator reports "interview held" of "Mali"
    And the coordinator reports "initial identification concluded" of "Mali"
      | outcome | positive |
    And the coordinator reports "assessment decided" of "Mali"
      | outcome | positive |
    And the coordinator reports "period offered" of "Mali"
      | kind | recovery |
    And the coordinator reports "period requested" of "Mali"
    And the coordinator reports "period granted" of "Mali"
    Then CMM has decided positive on "Mali"
    When 31 days pass
    Then "period expired" has happened to "Mali"
