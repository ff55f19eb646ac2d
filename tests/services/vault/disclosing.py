"""Every state of consent, and what may leave then by the design."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from stafet.vault.domain.consent import Holding, Scope, Version
from stafet.vault.handlers.releasing import release
from stafet_runtime.vaultport import ReleaseRequest
from stafet_schemas.groups import Group
from stafet_sdk.draft import Release
from tests.fakes.one_case import OneCase
from tests.services.vault.asking import SENDER
from tests.services.vault.editions import Edition
from tests.services.vault.leaving import values
from tests.services.vault.matrix import BEGIN

OTHER: Final = "shelter"
ALL: Final = frozenset(Group)
NONE: Final = frozenset[Group]()
SOME: Final = frozenset({Group.HEALTH, Group.IDENTITY, Group.NARRATIVE, Group.CHILD})
DAY: Final = timedelta(days=1)
ALERTS: Final[dict[str, tuple[Group, str]]] = {
    **dict.fromkeys(
        ("referral_start", "referral_end", "referral_hold", "handover_proposed", "missing_person",
         "custody_interview", "final_assessment", "reintegration", "consent_expiry"),
        (Group.ROUTING, "service"),
    ),
    **dict.fromkeys(
        ("child_acute_assessment", "child_acknowledgement", "representative", "missing_child"),
        (Group.ROUTING, "age_group"),
    ),
    **dict.fromkeys(("period_end", "period_extension", "period_cap"), (Group.SUPPORT, "period_end")),
}  # fmt: skip
"""What each alert gives away, by hand: it is for whom the matrix always shows that."""

Said = Callable[[str, datetime], tuple[Version, ...]]


@dataclass(frozen=True)
class State:
    """What has been said of a case, and which groups that opens for the recipient who is asked about.

    It opens them for `purpose`, and for that the recipient holds what it was given before. `alone`: it is
    about one group, of which there is one such state each.
    """

    name: str
    said: Said = lambda _recipient, _now: ()
    consented: frozenset[Group] = NONE
    grounded: frozenset[Group] = NONE
    purpose: str = "support"
    child: bool = False
    service: str | None = "accommodation"
    erased: bool = False
    served: bool = True
    alone: bool = False

    def opens(self, purpose: str) -> tuple[frozenset[Group], frozenset[Group]]:
        """Say which groups consent opens for a purpose, and which a ground does."""
        return (self.consented, self.grounded) if purpose == self.purpose else (NONE, NONE)


def states() -> list[State]:
    """List every state of consent, of an adult's case and of a child's."""
    return [
        State("nothing said"),
        State("nothing said, a child", child=True),
        State("nothing said, no service named", service=None),
        State("consent to all, for a contact person", _said(), ALL, service="contact_person"),
        State("consent to all, for what is no service", _said(), ALL, service="unknown"),
        State("nothing said, never served", served=False),
        State("consent to all, then erased", _said(), erased=True),
        *_alone("consent", child=False),
        *_alone("ground", child=False),
        *_alone("duty", child=True),
        *_alone("ground", child=True),
        *_served("identification", "formal_assessment"),
        *_served("protection", "support"),
        *_served("protection", "investigation"),
        *_served("prepared_return", "prepared_return"),
        # What was said of help says nothing of an assessment, and the other way round.
        State("consent to help, for an assessment", _said(), ALL, service="identification"),
        State(
            "consent to an assessment, for a bed",
            _said(purpose="formal_assessment"),
            ALL,
            purpose="formal_assessment",
        ),
        State("narrowed", _said(then=("narrowed", SOME)), SOME),
        State("withdrawn", _said(then=("withdrawn", ALL))),
        State("expired", _said(then=("expired", ALL))),
        State("its time is over", _said(until=-DAY)),
        State("to begin tomorrow", _said(begin=DAY)),
        State("for another recipient", _said(recipient=OTHER + "-other")),
        State("for another purpose", _said(purpose="treatment")),
        State(
            "one of two withdrawn",
            _both(_said(groups=SOME), _said(then=("withdrawn", ALL), name="b-2")),
            SOME,
        ),
        State("consent and ground", _both(_said(groups=SOME), _said("ground", name="b-2")), SOME, ALL),
        State("a child's consent", _said(), child=True),
        State("a duty about an adult", _said("duty")),
        State("duty withdrawn", _said("duty", then=("withdrawn", ALL)), child=True),
        State("duty over", _said("duty", until=-DAY), child=True),
        State("ground for another recipient", _said("ground", recipient=OTHER + "-other")),
        State("ground withdrawn", _said("ground", then=("withdrawn", ALL))),
    ]


async def ask(
    desk: OneCase, edition: Edition, request: ReleaseRequest, state: State, on: date
) -> Release | None:
    """Ask the vault as dispatch does, at noon of a day; None if it blocks."""
    desk.at = datetime.combine(on, time(12), UTC)
    desk.said = state.said(request.recipient, desk.at)
    desk.erased = state.erased
    desk.held = (Holding(request.recipient, state.purpose, frozenset(map(str, ALL))),) if state.served else ()
    found = await release(request, edition.policy, desk.tools)
    return found if isinstance(found, Release) else None


def may_leave(
    edition: Edition, request: ReleaseRequest, state: State, on: date
) -> dict[Group, frozenset[str]] | None:
    """Say by the design which fields may leave; None if nothing may, not even a message without fields."""
    served = state.served and request.case is not None
    match request.part, request.purpose:
        case "status", "referral_status":
            told = request.recipient == request.sender and on.year > 2025
            return {} if told and (request.case is None or not state.erased) else None
        case ("withdrawal", "consent_withdrawn") | ("revocation", "referral_status"):
            return {} if served and not state.erased else None
        case "erasure", "erasure":
            return {} if served and state.erased else None
        case "alert", "alert":
            alerted = _alerted(edition, request.recipient, request.reason or request.rung, on)
            return {} if served and not state.erased and alerted else None
        case ("notice" | "reminder", "referral_notice") | ("content", _) if not state.erased:
            return _values_may_leave(edition, request, state, on)
        case _:
            return None


def beyond(edition: Edition, recipient: str, state: State, on: date) -> tuple[str, ...]:
    """Say which groups a recipient that holds all of them may not see any more."""
    stay = edition.stay(recipient, on)
    seen = edition.seen(stay.row, on, state.consented, state.grounded) if stay else {}
    return tuple(sorted(str(group) for group in ALL - seen.keys()))


def _alerted(edition: Edition, recipient: str, about: str | None, on: date) -> bool:
    stay = edition.stay(recipient, on)
    if stay is None or about not in ALERTS or on < BEGIN:
        return False
    group, name = ALERTS[about]
    return name in edition.seen(stay.row, on, NONE, NONE).get(group, ())


def _values_may_leave(
    edition: Edition, request: ReleaseRequest, state: State, on: date
) -> dict[Group, frozenset[str]] | None:
    stay = edition.stay(request.recipient, on)
    if stay is None or not (state.service is None or state.service in stay.services):
        return None
    notice = request.part in {"notice", "reminder"}
    if stay.row not in (edition.referred if notice else edition.contents.get(request.purpose, NONE)):
        return None
    if not notice and not request.accepted:
        return None
    if request.purpose == "prepared_return" and (state.child or not state.opens(request.purpose)[0]):
        return None
    if notice:
        seen = edition.seen(stay.row, on, NONE, NONE)
        return {Group.ROUTING: seen[Group.ROUTING]} if Group.ROUTING in seen else None
    return edition.seen(stay.row, on, *state.opens(request.purpose)) or None


def _alone(basis: str, *, child: bool) -> Iterator[State]:
    """Name all groups, and each alone."""
    age = ", a child" if child else ""
    singles = [frozenset({group}) for group in Group] if basis != "ground" or not child else []
    for groups in (ALL, *singles):
        name = f"{basis} to {'all' if groups == ALL else next(iter(groups))}{age}"
        consented = NONE if basis == "ground" else groups
        grounded = NONE if basis == "consent" else groups
        said = _said(basis, groups=groups)
        yield State(name, said, consented, grounded, child=child, alone=groups != ALL)


def _served(service: str, purpose: str) -> Iterator[State]:
    """Name what may have been said for a service and a purpose."""
    for basis, groups, child in (
        (None, NONE, False),
        ("consent", ALL, False),
        ("consent", SOME, False),
        ("ground", ALL, False),
        ("duty", ALL, True),
    ):
        yield State(
            f"{basis or 'nothing'} of {len(groups)}, {service} for {purpose}",
            State.said if basis is None else _said(basis, groups=groups, purpose=purpose),
            NONE if basis == "ground" else groups,
            NONE if basis == "consent" else groups,
            purpose,
            child=child,
            service=service,
        )


def _both(*said: Said) -> Said:
    return lambda recipient, now: tuple(version for each in said for version in each(recipient, now))


def _said(
    basis: str = "consent",
    *,
    groups: frozenset[Group] = ALL,
    recipient: str | None = None,
    purpose: str = "support",
    begin: timedelta = -2 * DAY,
    until: timedelta | None = None,
    then: tuple[str, frozenset[Group]] | None = None,
    name: str = "b-1",
) -> Said:
    """Say it of the recipient asked about, unless another is named; `then` comes a day later."""

    def said(asked: str, now: datetime) -> tuple[Version, ...]:
        end = None if until is None else now + until
        scope = Scope(frozenset({recipient or asked}), frozenset({purpose}), frozenset(map(str, groups)), end)
        first = Version(name, 1, basis, "given", scope, now + begin, now - 2 * DAY, SENDER)
        if then is None:
            return (first,)
        left = Scope(scope.recipients, scope.purposes, frozenset(map(str, then[1])))
        return (first, Version(name, 2, basis, then[0], left, now - DAY, now - DAY, SENDER))

    return said


def desk_of(state: State) -> OneCase:
    """Hold a record with every field, about a child or an adult, for a service."""
    desk = OneCase(datetime.min.replace(tzinfo=UTC))
    desk.holds(values(age_group="child" if state.child else "adult", service=state.service))
    return desk
