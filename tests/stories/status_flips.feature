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
