Feature: The drivers' camp at Padborg
  Some two hundred drivers were found in a camp in 2018. The coordinator held them to be trafficked, the prosecution
  brought no charge. Both are right for their own question: neither verdict wipes out the other.

  Scenario: Two authorities see the same man differently
    Given the police refers "Jun" to the Red Cross for accommodation
      | sex          | male          |
      | language     | fil           |
      | residence    | lawful        |
      | exploitation | forced_labour |
      | first name   | Jun           |
      | employer     | A haulier     |
    When the Red Cross accepts "Jun"
    And the coordinator reports "identification requested" of "Jun"
    And the coordinator reports "interview offered" of "Jun"
    And the coordinator reports "interview held" of "Jun"
    And the coordinator reports "initial identification concluded" of "Jun"
      | outcome | positive |
    And the coordinator reports "assessment decided" of "Jun"
      | outcome | positive |
    And the coordinator reports "assessment decided" of "Jun"
      | party   | court    |
      | behalf  | court    |
      | outcome | negative |
    Then CMM has decided positive on "Jun"
    And the court has decided negative on "Jun"
    And "final assessment reopened" has not happened to "Jun"
    And the immigration service has seen nothing of "Jun"
    And these events happened to "Jun"
      | accommodation.reserved           | 1 |
      | case.opened                      | 1 |
      | competent_authority.determined   | 1 |
      | final_assessment.decided         | 2 |
      | identification.requested         | 1 |
      | initial_identification.concluded | 1 |
      | interview.held                   | 1 |
      | interview.offered                | 1 |
      | referral.accepted                | 1 |
      | referral.delivered               | 1 |
      | referral.routed                  | 4 |
      | referral.submitted               | 1 |
      | step.reported                    | 6 |
    And these clocks ran for "Jun"
      | referral answer           | met, set       |
      | referral start            | set            |
      | technical acknowledgement | met x4, set x4 |
    And the police has seen nothing of "Jun"
    And the Red Cross has seen routing, identity, residence, exploitation, perpetrator of "Jun"
    And the shelter has seen nothing of "Jun"
    And the immigration service has seen nothing of "Jun"
