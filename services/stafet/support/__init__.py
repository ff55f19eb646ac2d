"""Support: what a person needs and is given: places, services, a contact person, what is owed to a child, a return.

Decides by state machines; capacity is what the agencies reported last. Where a place is, nobody learns here.

Topics in: `stafet-step-v1`, `stafet-support-v1`, `stafet-referral-v1`, `stafet-identification-v1`,
`stafet-deadline-v1`, `stafet-case-v1` (consents, erasures).
Topics out: `stafet-support-v1`, `stafet-step-v1` (step.refused).
"""
