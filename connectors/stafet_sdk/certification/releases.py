"""One release of each kind that the hub sends, of a synthetic person, for samples that need no others."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from stafet_schemas.groups import Group
from stafet_sdk.draft import AnswerDraft, Fields, Release

REFERRAL: Final = "0192f3a0-0000-7000-8000-000000000001"
DUE: Final = datetime(2026, 12, 24, 23, tzinfo=UTC)
MESSAGE: Final = "0192f3a0-0000-7000-8000-0000000000aa"

VALUES: Final[Mapping[Group, Fields]] = {
    Group.ROUTING: {
        "service": "accommodation",
        "priority": "acute",
        "age_group": "adult",
        "sex": "female",
        "language": "vie",
        "interpreter": True,
        "risk": True,
        "safe_contact": False,
    },
    Group.RESIDENCE: {"status": "asylum_seeker"},
    Group.EXPLOITATION: {
        "types": ["sexual", "forced_criminality"],
        "control": ["threats", "survival"],
        "recruiter": "friend",
        "labour": ["aquafarming"],
    },
    Group.IDENTITY: {
        "first_name": "Zuzanna-Xenia",
        "last_name": "Prøvesen",
        "birth_date": "1999-02-28",
        "nationality": "VNM",
        "person_number": "2802991234",
    },
    Group.CONTACT: {
        "phone": "+4500112233",
        "email": "zuzanna.test@example.org",
        "address": "Prøvevej 99, 0000 Ingensteds",
    },
    Group.NARRATIVE: {"text": "Found at a closed nail bar, asks for a safe bed."},
    Group.HEALTH: {"care_needs": "Needs a quiet room on the ground floor."},
}
"""What is known of her, by group; a group that is not here has no sample."""

CANARIES: Final = ("Zuzanna", "Prøvesen", "1999-02-28", "2802991234", "+4500112233", "nail bar", "quiet room")


def releases(agency: str, groups: frozenset[Group], rungs: frozenset[str]) -> Iterator[Release]:
    """Yield a release of every part: the content with these personal groups, a status of each rung."""
    open_groups = frozenset({Group.ROUTING, Group.RESIDENCE, Group.EXPLOITATION})
    values = {group: said for group, said in VALUES.items() if group in groups | open_groups}
    base = Release(
        disclosure="disclosure-1", delivery="0192f3a0-0000-7000-8000-00000000000a", recipient=agency,
        sender="police", part="notice", purpose="referral_notice", referral=REFERRAL, placer="", policy="1",
        person="pseudonym-5", values={Group.ROUTING: VALUES[Group.ROUTING]},
    )  # fmt: skip
    yield base
    yield _next(base, "b", part="content", purpose="support", values=values)
    yield _next(base, "e", part="reminder")
    yield _next(base, "9", part="revocation", purpose="referral_status", rung="withdrawn", values={})
    recall = _next(base, "c", part="withdrawal", purpose="consent_withdrawn", values={}, referral=None)
    recall = replace(recall, sender="stafet", referrals=(REFERRAL,))
    yield replace(recall, groups=("health", "narrative"))
    yield _next(recall, "d", part="erasure", purpose="erasure", person=None)
    alert = replace(recall, part="alert", purpose="alert", person=None)
    yield _next(alert, "8", rung="warned", reason="period_end", due=DUE)
    for number, rung in enumerate(sorted(rungs)):
        yield _status(_next(base, f"{number:x}f"), rung)


def answer(rung: str, reason: str | None = None, filler: str | None = None) -> AnswerDraft:
    """Say what an answer about the referral of all samples means."""
    return AnswerDraft(REFERRAL, rung, reason, filler)


def _status(base: Release, rung: str) -> Release:
    told = replace(
        base, sender=base.recipient, part="status", purpose="referral_status", person=None, values={},
        placer=MESSAGE, rung=rung,
    )  # fmt: skip
    if rung == "parse_rejected":
        return replace(told, referral=None, problems=(("reason", "malformed"),))
    return replace(told, reason="out_of_order") if rung == "rejected" else told


def _next(release: Release, end: str, **changes: object) -> Release:
    delivery = release.delivery[: -len(end)] + end
    return replace(release, delivery=delivery, **changes)  # type: ignore[arg-type] # fields by name
