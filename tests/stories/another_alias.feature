Feature: A woman who said no and comes back under another name
  She refused consent the first time: a number stays of it. Three weeks later the Red Cross meets her under another
  name, then the police under the first. The hub proposes that the two may be one; a human decides.

  Scenario: The hub proposes, a human confirms
    Given the hotline takes a contact "first call"
      | venue  | hotline |
      | source | self    |
    And the contact "first call" is closed by the hotline
      | reason   | declined |
      | consents | no       |
    And 21 days pass
    When the police refers "Blessing" to the shelter for accommodation
      | sex          | female     |
      | first name   | Blessing   |
      | last name    | Osagie     |
      | birth date   | 2001-02-03 |
      | nationality  | NGA        |
    And the Red Cross refers "Blessing", as "Joy", to the shelter for accommodation
      | sex          | female     |
      | first name   | Joy        |
      | last name    | Osagie     |
      | birth date   | 2001-02-03 |
      | nationality  | NGA        |
    Then "case linked possible duplicate" has happened to "Blessing"
    And "case merged" has not happened to "Blessing"
    When the coordinator reports "duplicate confirmed" of "Blessing"
    Then "case merged" has happened to "Blessing"
    When the coordinator reports "case split" of "Blessing"
    Then "case split" has happened to "Blessing"
    And these events happened to "Blessing"
      | case.linked_possible_duplicate | 2 |
      | case.merged                    | 2 |
      | case.opened                    | 2 |
      | case.split                     | 2 |
      | referral.delivered             | 2 |
      | referral.routed                | 4 |
      | referral.submitted             | 2 |
      | step.reported                  | 2 |
    And these clocks ran for "Blessing"
      | referral answer           | set x2         |
      | technical acknowledgement | met x4, set x4 |
    And the police has seen nothing of "Blessing"
    And the Red Cross has seen nothing of "Blessing"
    And the shelter has seen routing of "Blessing"
    And the immigration service has seen nothing of "Blessing"
