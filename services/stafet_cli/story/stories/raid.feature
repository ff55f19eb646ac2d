Feature: A labour raid with two hundred persons
  Eight nationalities, children among them, five agencies, one night. Every referral lands with somebody who may and
  can take it.

  Scenario: One night
    Given the police announces an operation "quarry" for 200 persons
    And the shelter reports 12 free places for women
    And the Red Cross reports 150 free places for anybody
    When the police refers 200 persons of the operation "quarry"
    Then every one of the 200 persons has one referral that landed
    And no agency was sent more persons than it has places
    And these events happened to "quarry"
      | case.opened | 200 |
      | child.suspected | 10 |
      | referral.chosen | 200 |
      | referral.delivered | 82 |
      | referral.logged | 118 |
      | referral.routed | 164 |
      | referral.submitted | 200 |
    And these clocks ran for "quarry"
      | referral answer | set x200 |
      | technical acknowledgement | set x164, met x164 |
    And the Red Cross has seen routing of "quarry"
    And the shelter has seen routing of "quarry"
    And the immigration service has seen nothing of "quarry"
    And the police has seen nothing of "quarry"
