"""Referrals: who may receive a referral, how far each one is, and what its sender and receiver must learn.

Decides by dated rules (`rules.toml`) and a state machine (`domain`): a submission becomes a notice for the
receiver; an acceptance lets the content go; each rung is told to the sender, until it has the last one.

Topics in: `stafet-referral-v1` (referral.submitted), `stafet-delivery-v1` (delivery.delivered and the answers
delivery.accepted, .rejected, .in_progress, .completed).
Topics out: `stafet-referral-v1` (all but referral.submitted).
"""
