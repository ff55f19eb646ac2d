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
