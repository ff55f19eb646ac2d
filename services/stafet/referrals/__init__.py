"""Referrals: who may receive a referral, how far each one is, and what its sender and receiver must learn.

Decides by dated rules (`rules.toml`) and a state machine (`domain/machines.py`): a submission becomes a
notice for the receiver, or is logged where the coordinator hands it over; an acceptance lets the content go;
silence becomes a reminder, then the coordinator's; each rung is told to the sender, until it has the last.

Topics in: `stafet-referral-v1` (submissions), `stafet-delivery-v1` (deliveries and answers),
`stafet-step-v1` (steps of referrals), `stafet-deadline-v1` (answers that are due), `stafet-support-v1`
(places), `stafet-case-v1` (consents withdrawn, cases closed and erased).
Topics out: `stafet-referral-v1` (of submissions only those of successors), `stafet-step-v1` (step.refused).
"""
