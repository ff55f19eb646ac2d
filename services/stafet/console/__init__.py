"""Console: decides nothing; shows every case as a chain of events with times, agencies and causes.

What an operator records about consent it hands to the vault.

In: `stafet-inbound-v1`, `stafet-case-v1`, `stafet-referral-v1`, `stafet-identification-v1`,
`stafet-delivery-v1`. Out: nothing.
"""
