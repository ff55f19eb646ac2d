Feature: A man whose stay turns unlawful on day 12
  His permit hung on his employer. From that day another authority is competent, and the rule that says so is named.

  Scenario: Another authority takes over
    Given the police refers "Ivan" to the shelter for accommodation
      | sex          | male          |
      | residence    | lawful        |
      | exploitation | forced_labour |
      | first name   | Ivan          |
    And the coordinator reports "identification requested" of "Ivan"
    When 12 days pass
    And the coordinator reports "residence changed" of "Ivan"
      | residence | none       |
      | starts    | 2026-03-14 |
    Then "residence status changed" has happened to "Ivan"
    When the police refers "Ivan" to the immigration service for identification
      | sex          | male          |
      | residence    | none          |
      | exploitation | forced_labour |
      | first name   | Ivan          |
    And the immigration service accepts "Ivan"
    And 5 days pass
    And the immigration service decides "identified" on "Ivan" from 2026-03-19
    Then the immigration service has decided positive on "Ivan"
    And these events happened to "Ivan"
      | case.opened                    | 1 |
      | competent_authority.determined | 2 |
      | final_assessment.decided       | 1 |
      | identification.decided         | 1 |
      | identification.requested       | 1 |
      | referral.accepted              | 1 |
      | referral.delivered             | 2 |
      | referral.escalated             | 1 |
      | referral.reminded              | 1 |
      | referral.reroute_proposed      | 1 |
      | referral.routed                | 7 |
      | referral.submitted             | 2 |
      | residence_status.changed       | 1 |
      | step.reported                  | 2 |
    And these clocks ran for "Ivan"
      | referral answer           | breached, met, set x2, warned |
      | referral escalation       | breached, set, warned         |
      | referral start            | breached, set, warned         |
      | technical acknowledgement | met x9, set x9                |
    And the police has seen nothing of "Ivan"
    And the Red Cross has seen nothing of "Ivan"
    And the shelter has seen routing of "Ivan"
    And the immigration service has seen routing, identity, residence, exploitation of "Ivan"
