"""What an agency with plain JSON calls things, as tables: its messages -> drafts, releases -> its JSON. Pure.

`names` leads from our name of a field to the agency's: OURS, and `group.field` for every field that a release
or a referral holds. What is not named there keeps our name, with `_` for the dot; routing facts go without
their group.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from stafet_schemas.codes import RUNGS, STEPS
from stafet_schemas.groups import Group
from stafet_sdk.draft import PARTS, AnswerDraft, ConsentDraft, Draft, Fields, ReferralDraft, Release, Value
from stafet_sdk.errors import MappingError, NoWord
from stafet_sdk.identifiers import IDENTIFIERS, parts_of
from stafet_sdk.steps import FACTS, step_draft

Said = Mapping[str, object]

RECALLS: Final = frozenset({"withdrawal", "erasure"})
NOTICES: Final = frozenset({"notice", "reminder"})
VALUELESS: Final = RECALLS | {"status", "revocation", "alert"}
# What a message holds travels in events: ids and codes have a shape that prose and names do not fit.
CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "referral": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "reference": re.compile(r"[A-Za-z0-9][A-Za-z0-9:/_-]{0,63}"),
    "reason": CODE,
    "receiver": CODE,
    "routing.operation": re.compile(rf"{CODE.pattern}|[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}"),
}
OURS: Final = frozenset(
    {
        "type", "id", "referral", "reason", "reference", "receiver", "sender", "purpose", "person", "rung",
        "about", "problems", "groups", "referrals", "at", "due", *FACTS,
    }
)  # fmt: skip
ANSWERED: Final = frozenset({"accepted", "rejected", "in_progress", "completed"})
_CODED: Final = frozenset({Group.ROUTING, Group.RESIDENCE, Group.EXPLOITATION})


@dataclass(frozen=True, kw_only=True)
class Words:
    """The tables of one agency.

    `answers` leads from its types of messages to rungs; `withdrawn` is its type of "consent was withdrawn",
    `refers` that of a referral of its own, which has all fields in `asked` (our names). `parts` leads from
    parts of the hub's to its types, `statuses` from rungs to its words; without one the hub has no word.
    `steps` leads from its types to names of steps, whose fields are `at` and those of `stafet_sdk.steps`.
    `codes` leads from our name of a field to our codes and the agency's: a code without one stays as it is.

    Raises:
        ValueError: a name, part, rung or group that is not ours, or one word for two things.
    """

    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    steps: Mapping[str, str] = field(default_factory=dict[str, str])
    parts: Mapping[str, str] = field(default_factory=dict[str, str])
    statuses: Mapping[str, str] = field(default_factory=dict[str, str])
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    withdrawn: str = ""
    refers: str = ""
    asked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse tables that would lose something, or that speak of what we do not know."""
        strange = [each for each in (*self.names, *self.codes, *self.asked) if not _ours(each)]
        strange += sorted(self.parts.keys() - PARTS) + sorted(self.statuses.keys() - RUNGS.codes)
        strange += sorted(set(self.answers.values()) - ANSWERED) + sorted(
            set(self.steps.values()) - STEPS.codes
        )
        if strange:
            raise ValueError(f"no name, part or rung of ours: {', '.join(strange)}")
        for what, said in (("names", self.names), ("parts", self.parts), *self.codes.items()):
            if len(set(said.values())) != len(said):
                raise ValueError(f"{what}: one word for two things")

    @property
    def kinds(self) -> frozenset[str]:
        """The types of messages that the agency may send."""
        return frozenset({*self.answers, *self.steps, self.withdrawn, self.refers} - {""})

    def name(self, ours: str) -> str:
        """Give the agency's name of a field."""
        return self.names.get(ours, ours.removeprefix("routing.").replace(".", "_"))

    def read(self, said: Said) -> Draft:
        """Read a message of a known type; fields that nobody knows are left alone, codes stay as they came.

        Raises:
            MappingError: every missing and malformed field, by the agency's name.
        """
        kind = said.get(self.name("type"))
        if not isinstance(kind, str) or kind not in self.kinds:
            raise MappingError((self.name("type"), "unknown"))
        if kind == self.refers:
            return self._referral(said)
        rung = self.answers.get(kind)
        asked = ("referral", "reason") if rung == "rejected" else ("referral",)
        self._insist(said, asked, ("reference",))
        referral = str(said[self.name("referral")])
        if kind in self.steps:
            facts = {ours: self._code(ours, said) for ours in ("at", *FACTS)}
            return step_draft(referral, {"step": self.steps[kind], **facts}, self.name)
        if rung is None:
            return ConsentDraft("withdrawn", referral=referral)
        reason = str(self._code("reason", said)) if rung == "rejected" else None
        filler = said.get(self.name("reference"))
        return AnswerDraft(referral, rung, reason, None if filler is None else str(filler))

    def word(self, release: Release) -> dict[str, object]:
        """Word a release; a field that was not released does not appear.

        Raises:
            NoWord: the agency has no word for this part, or for this rung of a status.
            ValueError: a bug of ours: no part of the hub's, a notice with more than routing facts, a status,
                revocation, recall or alert with values, two fields with one name.
        """
        if release.part not in PARTS:
            raise ValueError("no part of the hub's")
        if release.part not in self.parts or (release.part == "status" and release.rung not in self.statuses):
            raise NoWord
        beyond = release.values.keys() - ({Group.ROUTING} if release.part in NOTICES else set(Group))
        if beyond or (release.values and release.part in VALUELESS):
            raise ValueError(f"a {release.part} with values that it must not have")
        said: dict[str, object] = {"type": self.parts[release.part], "id": release.delivery}
        said |= _status(release, self.statuses) if release.part == "status" else {}
        said |= _recall(release) if release.part in RECALLS else {}
        said |= self._alert(release) if release.part == "alert" else {}
        said |= {"sender": release.sender} if release.part in NOTICES | {"content"} else {}
        said |= {"rung": self._rung(release.rung)} if release.part == "revocation" else {}
        said |= {"referral": release.referral, "purpose": release.purpose, "person": release.person}
        said |= {f"{group}.{name}": value for group, name, value in self._values(release.values)}
        whole = {ours: value for ours, value in said.items() if value is not None}
        worded = {self.name(ours): value for ours, value in whole.items()}
        if len(worded) != len(whole):
            raise ValueError("two fields with one name")
        return worded

    def _alert(self, release: Release) -> dict[str, object]:
        """Say what comes near, is over or is proposed, and of which referrals."""
        due = None if release.due is None else release.due.isoformat()
        return {
            "rung": self._rung(release.rung),
            "reason": release.reason,
            "due": due,
            "referrals": list(release.referrals),
        }

    def _rung(self, rung: str | None) -> str | None:
        """Say why a referral is over or what an alert is; a rung without a word of theirs goes by ours."""
        return None if rung is None else self.statuses.get(rung, rung)

    def _values(self, values: Mapping[Group, Fields]) -> Iterator[tuple[Group, str, object]]:
        for group, fields in values.items():
            for name, value in fields.items():
                if (group, name) == (Group.IDENTITY, IDENTIFIERS):
                    yield group, name, [parts_of(str(each)) for each in cast("list[str]", value or [])]
                else:
                    yield group, name, self._theirs(f"{group}.{name}", value)

    def _theirs(self, ours: str, value: Value) -> Value:
        table = self.codes.get(ours, {})
        if isinstance(value, list):
            return [table.get(each, each) for each in value]
        return table.get(value, value) if isinstance(value, str) else value

    def _ours(self, ours: str, value: object) -> object:
        table = {theirs: code for code, theirs in self.codes.get(ours, {}).items()}
        if isinstance(value, list):
            return [table.get(str(each), each) for each in cast("list[object]", value)]
        return table.get(value, value) if isinstance(value, str) else value

    def _code(self, ours: str, said: Said) -> object:
        return self._ours(ours, said.get(self.name(ours)))

    def _insist(self, said: Said, asked: tuple[str, ...], maybe: tuple[str, ...]) -> None:
        problems = [(self.name(each), "missing") for each in asked if said.get(self.name(each)) is None]
        problems += [
            (self.name(each), "malformed")
            for each in (*asked, *maybe)
            if said.get(self.name(each)) is not None and not self._fits(each, said)
        ]
        if problems:
            raise MappingError(*problems)

    def _fits(self, ours: str, said: Said) -> bool:
        value = self._code(ours, said)
        if ours in SHAPES:
            return isinstance(value, str) and SHAPES[ours].fullmatch(value) is not None
        texts = cast("list[object]", value) if isinstance(value, list) else [value]
        if ours.partition(".")[0] in _CODED:
            return all(isinstance(each, bool) or CODE.fullmatch(str(each)) for each in texts)
        return all(isinstance(each, str) for each in texts) or isinstance(value, bool | int)

    def _referral(self, said: Said) -> ReferralDraft:
        """Read a referral of the agency's own: every field that `names` has goes into its group."""
        fields = tuple(ours for ours in self.names if "." in ours)
        self._insist(said, ("reference", "receiver", *self.asked), fields)
        values: dict[Group, dict[str, Value]] = {}
        for ours in fields:
            if said.get(self.name(ours)) is not None:
                group, _, name = ours.partition(".")
                values.setdefault(Group(group), {})[name] = cast("Value", self._code(ours, said))
        reference, receiver = str(said[self.name("reference")]), str(self._code("receiver", said))
        return ReferralDraft(reference, receiver, values)


def _ours(name: str) -> bool:
    group, dot, field_name = name.partition(".")
    return (group in set(Group) and bool(field_name)) if dot else name in OURS


def _status(release: Release, statuses: Mapping[str, str]) -> dict[str, object]:
    """Say what became of a message, by the id that the agency knows it by."""
    problems = [{"field": name, "problem": problem} for name, problem in release.problems]
    return {
        "rung": statuses[release.rung or ""],
        "about": release.placer,
        "reason": release.reason,
        "problems": problems or None,
    }


def _recall(release: Release) -> dict[str, object]:
    """Say of which referrals what may not be used or kept any more."""
    groups = list(release.groups) if release.part == "withdrawal" else None
    return {"referrals": list(release.referrals), "groups": groups}
