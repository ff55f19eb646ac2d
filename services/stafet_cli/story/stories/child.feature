Feature: A boy who disappears and is found elsewhere
  A Moroccan boy seeks asylum. Nobody needs his consent: the duty to notify and his best interests count. He
  disappears from the centre; another municipality finds him.

  Scenario: He is not lost
    Given the police refers "Yassine" to the Red Cross for accommodation
      | age group    | child              |
      | sex          | male               |
      | language     | ara                |
      | interpreter  | yes                |
      | residence    | asylum_seeker      |
      | exploitation | forced_criminality |
      | first name   | Yassine            |
      | birth date   | 2011-05-04         |
    Then "child suspected" has happened to "Yassine"
    When the Red Cross accepts "Yassine"
    And the Red Cross starts with "Yassine"
    And the coordinator reports "child notification sent" of "Yassine"
      | party | municipality |
    And the coordinator reports "representative requested" of "Yassine"
      | party | family court |
    And 20 hours pass
    And the coordinator reports "child acute assessed" of "Yassine"
      | behalf | municipality |
      | reason | no danger    |
    And the coordinator reports "child notification acknowledged" of "Yassine"
      | behalf | municipality |
    And the coordinator reports "representative appointed" of "Yassine"
      | behalf | family court |
    And 9 days pass
    And the coordinator reports "child reported missing" of "Yassine"
    And 30 hours pass
    And the coordinator reports "child found" of "Yassine"
      | party | municipality |
    Then "child found" has happened to "Yassine"
