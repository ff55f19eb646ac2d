"""Console: decides nothing; shows every case as a chain of events with times, agencies and causes.

Beside the cases it shows what needs somebody now, and how many places units have, as they said last.

What an operator records about consent it hands to the vault. What an operator reports (a step of a case, a
contact, an operation, a question for places) it tells the services, which decide on it.

In: `stafet-inbound-v1`, `stafet-case-v1`, `stafet-referral-v1`, `stafet-identification-v1`,
`stafet-delivery-v1`, `stafet-support-v1`, `stafet-step-v1`, `stafet-contact-v1`, `stafet-deadline-v1`.
Out: `stafet-step-v1`, `stafet-contact-v1`, `stafet-referral-v1`, `stafet-support-v1`.
"""
