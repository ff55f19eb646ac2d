Feature: A woman in custody who trusts only the shelter
  A Nigerian woman without lawful stay is arrested in a raid. She consents that the shelter learns who she is, and
  nobody else. An interview must be offered before 72 hours are over, and her period must not run out unseen.

  Scenario: She is heard, identified and sheltered
    Given the police refers "Amara" to the shelter for accommodation
      | sex          | female                    |
      | language     | eng                       |
      | interpreter  | yes                       |
      | residence    | none                      |
      | exploitation | sexual                    |
      | first name   | Amara                     |
      | nationality  | NGA                       |
      | phone        | +4500000000               |
      | account      | What she told the officer |
    And the coordinator reports "custody started" of "Amara"
    And the coordinator reports "identification requested" of "Amara"
    Then the clock custody interview of "Amara" is due on 2026-03-05 09:00
    And the shelter has seen routing of "Amara"
    When "Amara" consents that shelter may have identity for support
    And 3 hours pass
    And the coordinator reports "interview offered" of "Amara"
      | kind | anonymous |
    And the coordinator reports "interview scheduled" of "Amara"
      | channel | custody                |
      | codes   | interpreter, companion |
    And the coordinator reports "interview held" of "Amara"
      | channel | custody |
    And the coordinator reports "indicators recorded" of "Amara"
      | vocabulary | ilo_forced_labour@2012        |
      | codes      | debt_bondage, isolation, deception |
    And the coordinator reports "initial identification concluded" of "Amara"
      | outcome | positive |
    And the shelter accepts "Amara"
    Then the shelter has seen routing, identity, contact, residence, exploitation of "Amara"
    And the police was told delivered, accepted of "Amara"
    When the coordinator reports "custody ended" of "Amara"
    And the shelter starts with "Amara"
    And the police refers "Amara" to the immigration service for identification
      | sex          | female |
      | residence    | none   |
      | exploitation | sexual |
      | first name   | Amara  |
    And the immigration service accepts "Amara"
    And 4 days pass
    And the immigration service decides "identified" on "Amara" from 2026-03-06
    Then the immigration service has decided positive on "Amara"
    And the immigration service was alerted of referral start warned, referral start breached of "Amara"
    And the shelter was alerted of nothing of "Amara"
    And these events happened to "Amara"
      | accommodation.checked_in         | 1 |
      | accommodation.reserved           | 1 |
      | case.opened                      | 1 |
      | competent_authority.determined   | 1 |
      | consent.given                    | 1 |
      | custody.ended                    | 1 |
      | custody.started                  | 1 |
      | final_assessment.decided         | 1 |
      | identification.decided           | 1 |
      | identification.requested         | 1 |
      | indicators.recorded              | 1 |
      | initial_identification.concluded | 1 |
      | interview.held                   | 1 |
      | interview.offered                | 1 |
      | interview.scheduled              | 1 |
      | referral.accepted                | 2 |
      | referral.delivered               | 2 |
      | referral.routed                  | 9 |
      | referral.started                 | 1 |
      | referral.submitted               | 2 |
      | step.reported                    | 8 |
    And these clocks ran for "Amara"
      | custody interview         | met, set                      |
      | referral answer           | met x2, set x2                |
      | referral end              | set                           |
      | referral start            | breached, met, set x2, warned |
      | technical acknowledgement | met x11, set x11              |
    And the police has seen nothing of "Amara"
    And the Red Cross has seen nothing of "Amara"
    And the shelter has seen routing, identity, contact, residence, exploitation of "Amara"
    And the immigration service has seen routing, identity, residence, exploitation of "Amara"
