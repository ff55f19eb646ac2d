"""Support: what a person needs and is given: places, services, what is owed to a child, a prepared return.

Decides by state machines and dated rules (`rules.toml`); capacity is what the agencies reported last. Where a
place is, nobody learns here.

Topics in: `stafet-step-v1` (what is said), `stafet-support-v1` (capacity), `stafet-referral-v1` (children,
stays that a referral makes), `stafet-case-v1` (consents, merges, erasures).
Topics out: `stafet-support-v1`, `stafet-step-v1` (step.refused).
"""
