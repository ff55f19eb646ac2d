"""What the things of a case may go through. Unlisted moves are refused; the diagrams are drawn from here.

Steps have their names in `steps.toml`; `assessed_*` and `period_expired` are the service's own.
"""

from typing import Final

from stafet_runtime.machine import Machine

POSITIVE: Final = "positive"
NEGATIVE: Final = "negative"
UNDETERMINED: Final = "undetermined"
DECIDED: Final = "decided"
DISCONTINUED: Final = "discontinued"

_LOOKING: Final = ("suspected", "interview_offered", "in_progress", "recommended", "reopened")
_OUTCOMES: Final = (POSITIVE, NEGATIVE, UNDETERMINED)
_OPEN: Final = (*_LOOKING, "awaiting_authority")
_ANY: Final = (*_OPEN, "declined", DISCONTINUED, *_OUTCOMES)


def _to(state: str, *before: str) -> dict[str, str]:
    return dict.fromkeys(before, state)


COURSE: Final = Machine(
    "course",
    {
        "identification_requested": _to("suspected", ""),
        "interview_offered": _to("interview_offered", "suspected", "declined", "reopened"),
        "interview_declined": _to("declined", "interview_offered"),
        "interview_held": _to("in_progress", "suspected", "interview_offered", "declined", "reopened"),
        "interview_interrupted": _to("in_progress", "suspected", "interview_offered", "declined", "reopened"),
        "initial_identification_concluded": _to("recommended", "in_progress", "reopened"),
        "assessment_requested": _to("awaiting_authority", *_LOOKING, "declined", *_OUTCOMES),
        "assessed_positive": _to(POSITIVE, *_ANY),
        "assessed_negative": _to(NEGATIVE, *_ANY),
        "assessed_undetermined": _to(UNDETERMINED, *_ANY),
        "assessment_reopened": _to("awaiting_authority", *_OUTCOMES),
        "assessment_appealed": _to("awaiting_authority", *_OUTCOMES),
        "identification_discontinued": _to(DISCONTINUED, *_OPEN, "declined"),
        "identification_reopened": _to("reopened", DISCONTINUED, "declined", NEGATIVE, UNDETERMINED),
    },
)
"""The course of a case's identification; it follows the competent authority's decision, and only that one."""

INTERVIEW: Final = Machine(
    "interview",
    {
        "interview_offered": _to("offered", ""),
        "interview_declined": _to("declined", "offered", "scheduled", "interrupted"),
        "interview_scheduled": _to("scheduled", "offered", "declined", "scheduled", "interrupted"),
        "interview_held": _to("held", "offered", "scheduled", "interrupted"),
        "interview_interrupted": _to("interrupted", "offered", "scheduled"),
    },
)
"""One interview; one that was broken off is taken up again by scheduling or holding it."""

ASSESSMENT: Final = Machine(
    "assessment",
    {
        "assessment_requested": _to("requested", ""),
        "assessment_decided": _to(DECIDED, "", "requested", "reopened", "appealed"),
        "assessment_reopened": _to("reopened", DECIDED, "appealed"),
        "assessment_appealed": _to("appealed", DECIDED),
    },
)
"""One authority's assessment in a case; the others' go their own ways."""

CUSTODY: Final = Machine(
    "custody", {"custody_started": _to("held", ""), "custody_ended": _to("ended", "held")}
)
"""One time that the person is held."""

PERIOD: Final = Machine(
    "period",
    {
        "period_offered": _to("offered", ""),
        "period_requested": _to("requested", "offered"),
        "period_granted": _to("active", "requested"),
        "period_extension_requested": _to("extension_requested", "active", "expired"),
        "period_extended": _to("active", "extension_requested"),
        "period_extension_refused": _to("active", "extension_requested"),
        "period_override_recorded": {"active": "active", "extension_requested": "extension_requested"},
        "period_expired": _to("expired", "active"),
        "period_ended_early": _to("ended_early", "offered", "requested", "active", "extension_requested"),
    },
)
"""One reflection or recovery period. While an extension is asked for, it does not expire; one that was asked
for in time but told late takes it up again."""

MACHINES: Final = (COURSE, INTERVIEW, ASSESSMENT, CUSTODY, PERIOD)
