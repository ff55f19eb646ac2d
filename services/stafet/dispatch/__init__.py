"""Dispatch: brings what recipients must learn to them; decides when to try, when to wait and when to give up.

One lane per (case, recipient), or per (message, agency) where there is no case: its head is tried, the rest
wait behind it, and no lane waits for another.
In: `stafet-referral-v1`, `stafet-inbound-v1`, `stafet-case-v1` (whoever holds values of a person is told when
they may not be used, or kept, any more), `stafet-step-v1` (steps that nothing followed from),
`stafet-deadline-v1` (time limits of cases that an agency takes part in). Out: `stafet-delivery-v1` (queued,
sent, delivered, deferred, failed).
"""
