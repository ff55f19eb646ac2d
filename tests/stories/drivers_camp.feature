Feature: The drivers' camp at Padborg
  Some two hundred drivers were found in a camp in 2018. The coordinator held them to be trafficked, the prosecution
  brought no charge. Both are right for their own question: neither verdict wipes out the other.

  Scenario: Two authorities see the same man differently
    Given the police refers "Jun" to the Red Cross for accommodation
      | sex          | male          |
      | language     | fil           |
      | residence    | lawful        |
      | exploitation | forced_labour |
      | first name   | Jun           |
      | employer     | A haulier     |
    When the Red Cross accepts "Jun"
    And the coordinator reports "identification requested" of "Jun"
    And the coordinator reports "interview offered" of "Jun"
    And the coordinator reports "interview held" of "Jun"
    And the coordinator reports "initial identification concluded" of "Jun"
      | outcome | positive |
    And the coordinator reports "assessment decided" of "Jun"
      | outcome | positive |
    And the coordinator reports "assessment decided" of "Jun"
      | party   | court    |
      | behalf  | court    |
      | outcome | negative |
    Then CMM has decided positive on "Jun"
    And the court has decided negative on "Jun"
    And "final assessment reopened" has not happened to "Jun"
    And the immigration service has seen nothing of "Jun"
