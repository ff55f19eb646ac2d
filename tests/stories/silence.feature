Feature: A shelter that does not answer
  Silence is an event. The shelter is reminded, the coordinator gets the referral, another agency takes it, and the
  sender hears all of it.

  Scenario: Somebody else takes it
    Given the police refers "Grace" to the shelter for accommodation
      | priority     | urgent |
      | sex          | female |
      | exploitation | sexual |
      | first name   | Grace  |
    When 4 days pass
    Then "referral reminded" has happened to "Grace"
    And "referral escalated" has happened to "Grace"
    And "referral reroute proposed" has happened to "Grace"
    When the coordinator reports "referral redirected" of "Grace"
      | party | redcross |
    Then "referral redirected" has happened to "Grace"
    And the Red Cross has seen routing of "Grace"
    And the shelter has seen routing of "Grace"
    When the Red Cross accepts "Grace"
    And the Red Cross completes "Grace"
    Then "referral completed" has happened to "Grace"
    And these events happened to "Grace"
      | accommodation.left        | 1 |
      | accommodation.reserved    | 1 |
      | case.opened               | 1 |
      | referral.accepted         | 1 |
      | referral.completed        | 1 |
      | referral.delivered        | 2 |
      | referral.escalated        | 1 |
      | referral.loop_closed      | 2 |
      | referral.redirected       | 1 |
      | referral.reminded         | 1 |
      | referral.reroute_proposed | 1 |
      | referral.routed           | 10 |
      | referral.submitted        | 2 |
      | step.reported             | 1 |
    And these clocks ran for "Grace"
      | referral answer           | breached, met x2, set x2, warned |
      | referral escalation       | met, set, warned                 |
      | referral start            | met, set                         |
      | technical acknowledgement | met x10, set x10                 |
    And the police has seen nothing of "Grace"
    And the Red Cross has seen routing, identity, exploitation of "Grace"
    And the shelter has seen routing of "Grace"
    And the immigration service has seen nothing of "Grace"
