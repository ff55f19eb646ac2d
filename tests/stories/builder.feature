Feature: A builder from the EU, sent by a union
  The union learns how its referral went, and never what his residence is or where he is.

  Scenario: The union hears of it
    Given the union is connected
    And the union refers "Marek" to the shelter for accommodation
      | sex          | male          |
      | language     | pol           |
      | residence    | lawful        |
      | exploitation | forced_labour |
      | first name   | Marek         |
    When the shelter accepts "Marek"
    And the shelter completes "Marek"
    Then the union was told delivered, accepted, completed of "Marek"
    And the union has seen nothing of "Marek"
