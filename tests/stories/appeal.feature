Feature: A decision that is reversed on appeal
  The first decision says no. It stays in the record beside the second.

  Scenario: No becomes yes
    Given the police refers "Linh" to the immigration service for identification
      | sex          | female        |
      | language     | vie           |
      | residence    | none          |
      | exploitation | forced_labour |
      | first name   | Linh          |
    When the immigration service accepts "Linh"
    And 7 days pass
    And the immigration service decides "not identified" on "Linh" from 2026-03-09
    Then the immigration service has decided negative on "Linh"
    When 20 days pass
    And the coordinator reports "assessment appealed" of "Linh"
      | party | immigration |
    And 30 days pass
    And the immigration service reverses its decision to "identified" on "Linh" from 2026-04-20
    Then the immigration service has decided positive on "Linh"
    And these events happened to "Linh"
      | case.opened                      | 1 |
      | competent_authority.determined   | 1 |
      | final_assessment.appealed        | 1 |
      | final_assessment.decided         | 2 |
      | identification.decided           | 1 |
      | identification.decision_reversed | 1 |
      | identification.requested         | 1 |
      | referral.accepted                | 1 |
      | referral.delivered               | 1 |
      | referral.routed                  | 4 |
      | referral.submitted               | 1 |
      | step.reported                    | 1 |
    And these clocks ran for "Linh"
      | referral answer           | met, set              |
      | referral start            | breached, set, warned |
      | technical acknowledgement | met x6, set x6        |
    And the police has seen nothing of "Linh"
    And the Red Cross has seen nothing of "Linh"
    And the shelter has seen nothing of "Linh"
    And the immigration service has seen routing, identity, residence, exploitation of "Linh"
