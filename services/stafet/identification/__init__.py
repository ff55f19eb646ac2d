"""Identification: who may be a trafficked person, who decides, what was decided, and the period that follows.

Decides by dated rules (`rules.toml`: who is competent by residence status, mandates, periods) and by
vocabularies of indicators. Decisions of several authorities stand beside one another; a score advises and
never decides.

Topics in: `stafet-step-v1`, `stafet-referral-v1`, `stafet-identification-v1` (the authorities' decisions),
`stafet-support-v1` (who is to be warned of a period's end), `stafet-deadline-v1`, `stafet-case-v1` (merged,
split, erased).
Topics out: `stafet-identification-v1`, `stafet-step-v1` (step.refused).
"""
