Feature: A period that must not run out unseen
  She stays at the shelter. The days before her period ends are told to whoever helps her and takes part, and to nobody
  else: not to the police, who brought her, and not to the Red Cross, which has never heard of her.

  Scenario: The shelter is warned
    Given the police refers "Mali" to the shelter for accommodation
      | sex          | female |
      | language     | tha    |
      | residence    | lawful |
      | exploitation | sexual |
      | first name   | Mali   |
    And the coordinator reports "handover proposed" of "Mali"
    Then the shelter was alerted of handover proposed of "Mali"
    When the shelter accepts "Mali"
    And the shelter starts with "Mali"
    And the coordinator reports "identification requested" of "Mali"
    And the coordinator reports "interview offered" of "Mali"
    And the coordinator reports "interview held" of "Mali"
    And the coordinator reports "initial identification concluded" of "Mali"
      | outcome | positive |
    And the coordinator reports "assessment decided" of "Mali"
      | outcome | positive |
    And the coordinator reports "period offered" of "Mali"
      | kind | recovery |
    And the coordinator reports "period requested" of "Mali"
    And the coordinator reports "period granted" of "Mali"
    And 18 days pass
    Then the shelter was alerted of handover proposed of "Mali"
    When 2 days pass
    Then the shelter was alerted of handover proposed, period end warned of "Mali"
    When 11 days pass
    Then "period expired" has happened to "Mali"
    And the shelter was alerted of handover proposed, period end warned, period end warned, period end warned, period end breached of "Mali"
    And the police was alerted of nothing of "Mali"
    And the Red Cross was alerted of nothing of "Mali"
    And the immigration service was alerted of nothing of "Mali"
    And the Red Cross has seen nothing of "Mali"
