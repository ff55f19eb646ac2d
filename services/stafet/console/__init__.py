"""Console: decides nothing; shows every case as a chain of events with times, agencies and causes.

Beside the cases it shows how many places agencies' units have, as they said last.

What an operator records about consent it hands to the vault.

In: `stafet-inbound-v1`, `stafet-case-v1`, `stafet-referral-v1`, `stafet-identification-v1`,
`stafet-delivery-v1`, `stafet-support-v1`. Out: nothing.
"""
