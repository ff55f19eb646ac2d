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
    And the police was alerted of missing child warned, missing child warned, missing child breached of "Yassine"
    And these events happened to "Yassine"
      | accommodation.checked_in        | 1 |
      | accommodation.reserved          | 1 |
      | case.opened                     | 1 |
      | child.acute_assessed            | 1 |
      | child.found                     | 1 |
      | child.notification_acknowledged | 1 |
      | child.notification_sent         | 1 |
      | child.reported_missing          | 1 |
      | child.suspected                 | 1 |
      | referral.accepted               | 1 |
      | referral.delivered              | 1 |
      | referral.routed                 | 5 |
      | referral.started                | 1 |
      | referral.submitted              | 1 |
      | representative.appointed        | 1 |
      | representative.requested        | 1 |
      | step.reported                   | 7 |
    And these clocks ran for "Yassine"
      | child acknowledgement     | met, set                      |
      | child acute assessment    | met, set, warned x2           |
      | missing child             | breached, met, set, warned x2 |
      | referral answer           | met, set                      |
      | referral end              | set                           |
      | referral start            | met, set                      |
      | representative            | met, set                      |
      | technical acknowledgement | met x8, set x8                |
    And the police has seen nothing of "Yassine"
    And the Red Cross has seen routing, identity, residence, exploitation of "Yassine"
    And the shelter has seen nothing of "Yassine"
    And the immigration service has seen nothing of "Yassine"
