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
    And these events happened to "Mali"
      | case.opened                      | 1 |
      | competent_authority.determined   | 1 |
      | final_assessment.decided         | 1 |
      | identification.requested         | 1 |
      | initial_identification.concluded | 1 |
      | interview.held                   | 1 |
      | interview.offered                | 1 |
      | period.expired                   | 1 |
      | period.granted                   | 1 |
      | period.offered                   | 1 |
      | period.requested                 | 1 |
      | referral.delivered               | 1 |
      | referral.escalated               | 1 |
      | referral.reminded                | 1 |
      | referral.reroute_proposed        | 1 |
      | referral.routed                  | 3 |
      | referral.submitted               | 1 |
      | step.reported                    | 8 |
    And these clocks ran for "Mali"
      | period cap                | met, set                 |
      | period end                | breached, set, warned x3 |
      | referral answer           | breached, set, warned    |
      | referral escalation       | breached, set, warned    |
      | technical acknowledgement | met x3, set x3           |
    And the police has seen nothing of "Mali"
    And the Red Cross has seen nothing of "Mali"
    And the shelter has seen routing of "Mali"
    And the immigration service has seen nothing of "Mali"
