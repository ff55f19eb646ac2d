Feature: A woman who needs a place tonight
  The police refer her to the shelter, which takes her. Nobody learns more than it needs, and the police hear of it.

  Scenario: The shelter takes her
    Given the police refers "Amara" to the shelter for accommodation
      | sex        | female      |
      | first name | Amara       |
      | phone      | +4500000000 |
    Then the shelter has seen routing of "Amara"
    When the shelter accepts "Amara"
    And the shelter completes "Amara"
    Then the police was told delivered, accepted, completed of "Amara"
    And the immigration service has seen nothing of "Amara"
