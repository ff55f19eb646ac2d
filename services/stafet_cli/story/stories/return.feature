Feature: A return that falls back
  Nobody sends a person home whose own word for it the hub does not have. She says yes, a plan is made, the journey is
  booked; then she thinks again, and all stands as offered.

  Scenario: She thinks again
    Given the police refers "Olena" to the shelter for accommodation
      | sex          | female        |
      | residence    | lawful        |
      | exploitation | forced_labour |
      | first name   | Olena         |
    And the shelter accepts "Olena"
    When the coordinator reports "return offered" of "Olena"
      | party | drc |
    And the coordinator reports "return accepted" of "Olena", and the hub refuses it because needs consent
    And "Olena" consents that drc may have identity for prepared return
    And the coordinator reports "return accepted" of "Olena"
    And the coordinator reports "return plan drafted" of "Olena"
    And the coordinator reports "return travel booked" of "Olena"
      | starts | 2026-04-01 |
    And 2 days pass
    And "Olena" withdraws the consent
    Then "return fell back" has happened to "Olena"
    And "return departed" has not happened to "Olena"
    And these events happened to "Olena"
      | accommodation.reserved | 1 |
      | case.opened            | 1 |
      | consent.given          | 1 |
      | consent.withdrawn      | 1 |
      | referral.accepted      | 1 |
      | referral.delivered     | 1 |
      | referral.routed        | 4 |
      | referral.submitted     | 1 |
      | return.accepted        | 1 |
      | return.fell_back       | 1 |
      | return.offered         | 1 |
      | return.plan_drafted    | 1 |
      | return.travel_booked   | 1 |
      | step.refused           | 1 |
      | step.reported          | 5 |
    And these clocks ran for "Olena"
      | referral answer           | met, set       |
      | referral start            | set, warned    |
      | technical acknowledgement | met x5, set x5 |
    And the police has seen nothing of "Olena"
    And the Red Cross has seen nothing of "Olena"
    And the shelter has seen routing, identity, residence, exploitation of "Olena"
    And the immigration service has seen nothing of "Olena"
