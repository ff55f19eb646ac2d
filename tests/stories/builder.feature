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
    And these events happened to "Marek"
      | accommodation.left     | 1 |
      | accommodation.reserved | 1 |
      | case.opened            | 1 |
      | referral.accepted      | 1 |
      | referral.completed     | 1 |
      | referral.delivered     | 1 |
      | referral.loop_closed   | 1 |
      | referral.routed        | 5 |
      | referral.submitted     | 1 |
    And these clocks ran for "Marek"
      | referral answer           | met, set       |
      | referral start            | met, set       |
      | technical acknowledgement | met x5, set x5 |
    And the police has seen nothing of "Marek"
    And the Red Cross has seen nothing of "Marek"
    And the shelter has seen routing, identity, residence, exploitation of "Marek"
    And the immigration service has seen nothing of "Marek"
    And the union has seen nothing of "Marek"
