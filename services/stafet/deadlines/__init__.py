"""Deadlines: every clock, as dated data (`clocks.toml`) with its citation.

Decides when a clock starts, when it is due by Danish days and Copenhagen time, and whom to warn before. A
fact of another service starts or ends a clock; a ticker tells warnings and breaches, but only up to a time at
which nothing unread stood in the log.

Topics in: `stafet-referral-v1`, `stafet-identification-v1`, `stafet-support-v1`, `stafet-delivery-v1`,
`stafet-case-v1`, `stafet-contact-v1`: the events that `clocks.toml` names, and deliveries that do not arrive.
Topics out: `stafet-deadline-v1`.
"""
