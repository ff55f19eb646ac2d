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
