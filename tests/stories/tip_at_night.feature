Feature: A tip at night
  The hotline is closed. The caller is sent to the police line at once, and the first shift sees that somebody called.

  Scenario: A customer calls at eleven in the evening
    Given it is 2026-03-06 23:10
    When the hotline takes a contact "late call"
      | venue  | hotline  |
      | source | customer |
    Then the contact "late call" went to the police hotline
    When it is 2026-03-07 09:20
    And the contact "late call" is triaged by CMM
      | priority     | acute         |
      | exploitation | forced_labour |
    And the police refers "Nobody" to the shelter for accommodation
      | sex | male |
    And the contact "late call" is referred by CMM
      | referral | Nobody |
    Then the police was told delivered of "Nobody"
    And these events happened to "Nobody"
      | case.opened        | 1 |
      | referral.delivered | 1 |
      | referral.routed    | 2 |
      | referral.submitted | 1 |
    And these clocks ran for "Nobody"
      | referral answer           | set            |
      | technical acknowledgement | met x2, set x2 |
    And the police has seen nothing of "Nobody"
    And the Red Cross has seen nothing of "Nobody"
    And the shelter has seen routing of "Nobody"
    And the immigration service has seen nothing of "Nobody"
