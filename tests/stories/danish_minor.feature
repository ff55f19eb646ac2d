Feature: A Danish girl of fifteen
  The municipality leads. It is not connected to the hub: the referral goes by secure mail, and its clocks run.

  Scenario: The municipality answers by telephone
    Given the police refers "Sofie" to the municipality for child protection
      | age group    | child  |
      | sex          | female |
      | language     | dan    |
      | residence    | lawful |
      | exploitation | sexual |
      | first name   | Sofie  |
    Then "referral logged" has happened to "Sofie"
    When the coordinator reports "referral handed over" of "Sofie"
      | channel | secure mail |
    And the coordinator reports "child notification sent" of "Sofie"
      | party | municipality |
    And 5 hours pass
    And the coordinator reports "child acute assessed" of "Sofie"
      | behalf | municipality |
      | reason | placed       |
    And the municipality accepts "Sofie"
    And 2 days pass
    And the coordinator reports "child notification acknowledged" of "Sofie"
      | behalf | municipality |
    And the municipality starts with "Sofie"
    And the municipality completes "Sofie"
    Then "referral completed" has happened to "Sofie"
    And the shelter has seen nothing of "Sofie"
    And these events happened to "Sofie"
      | case.opened                     | 1 |
      | child.acute_assessed            | 1 |
      | child.notification_acknowledged | 1 |
      | child.notification_sent         | 1 |
      | child.suspected                 | 1 |
      | referral.accepted               | 1 |
      | referral.completed              | 1 |
      | referral.handed_over            | 1 |
      | referral.logged                 | 1 |
      | referral.loop_closed            | 1 |
      | referral.routed                 | 4 |
      | referral.started                | 1 |
      | referral.submitted              | 1 |
      | step.reported                   | 7 |
    And these clocks ran for "Sofie"
      | child acknowledgement     | met, set         |
      | child acute assessment    | met, set         |
      | referral answer           | met x2, set x2   |
      | referral end              | met, set         |
      | referral start            | met, set, warned |
      | technical acknowledgement | met x4, set x4   |
    And the police has seen nothing of "Sofie"
    And the Red Cross has seen nothing of "Sofie"
    And the shelter has seen nothing of "Sofie"
    And the immigration service has seen nothing of "Sofie"
