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
