"""Deadlines: every clock, as dated data (`clocks.toml`) with its citation.

Decides when a clock starts, when it is due by Danish days and Copenhagen time, and whom to warn before.

Topics in: all that can start, stop or endanger a clock.
Topics out: `stafet-deadline-v1`.
"""
