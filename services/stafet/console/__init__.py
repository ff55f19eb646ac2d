"""Console: decides nothing; shows every case as a chain of events with times, agencies and causes.

Beside the cases it shows what needs somebody now, and how many places units have, as they said last.

What an operator records about consent it hands to the vault. What an operator reports (a step of a case, a
contact, an operation, a question for places) it tells the services, which decide on it.

In: every topic. Out: `step.reported` to `stafet-step-v1`, `contact.reported` to `stafet-contact-v1`,
`operation.announced` to `stafet-referral-v1`, `capacity.queried` to `stafet-support-v1`.
"""
