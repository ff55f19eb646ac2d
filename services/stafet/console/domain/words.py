"""Plain words for steps, agencies, states and durations."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from stafet.console.domain.steps import Step
from stafet_schemas.codes import UNKNOWN

AGENCY_NAMES: Final[Mapping[str, str]] = {
    "police": "Police",
    "redcross": "Red Cross",
    "shelter": "Shelter",
    "immigration": "Immigration Service",
}

BASIS_NAMES: Final[Mapping[str, str]] = {
    "consent": "Consent",
    "duty": "Duty to notify",
    "ground": "Legal ground",
}

ROLE_NAMES: Final[Mapping[str, str]] = {"data_protection": "data protection officer"}

SHOWN: Final[Mapping[str, str]] = {
    "reveal": "Values",
    "person": "Who a pseudonym is",
    "report": "The report for the person",
    "review": "The reason for a look",
}

STATES: Final[Mapping[str, str]] = {
    "received": "Message received",
    "noted": "Noted",
    "message_rejected": "Message unusable",
    "sender_told": "Unusable, sender told",
    "opened": "Case opened",
    "submitted": "Submitted",
    "delivered": "Delivered",
    "accepted": "Accepted",
    "rejected": "Rejected",
    "in_progress": "In progress",
    "completed": "Completed",
    "refused": "Refused by the hub",
    "loop_closed": "Loop closed",
    "erased": "Erased",
}

SENTENCES: Final[Mapping[str, str]] = {
    "message.received": "Message received from {agency}",
    "message.rejected": "Message from {agency} could not be used",
    "message.settled": "Message from {agency} said nothing new",
    "support.capacity_reported": "{agency} reported places of {unit}: {status}",
    "case.opened": "Case opened",
    "case.document_received": "Document from {agency} kept in the case: {media}",
    "case.erased": "Case erased: {reason}",
    "consent.given": "{basis} recorded",
    "consent.narrowed": "{basis} narrowed",
    "consent.withdrawn": "{basis} withdrawn",
    "consent.expired": "{basis} expired",
    "disclosure.made": "{part} released for {agency}",
    "disclosure.blocked": "Release of {part_lower} for {agency} blocked: {reason}",
    "reveal.made": "{shown} shown to a {role} at the hub",
    "reveal.blocked": "{shown} not shown to a {role} at the hub: {reason}",
    "reveal.flagged": "Glass broken by a {role} at the hub, to be reviewed",
    "reveal.reviewed": "Breaking of the glass reviewed: {verdict}",
    "referral.submitted": "{agency} referred to {receiver}",
    "referral.routed": "{part} to go to {agency}",
    "referral.delivered": "{agency} has the referral",
    "referral.accepted": "Referral accepted by {agency}",
    "referral.rejected": "Referral rejected by {agency}: {reason}",
    "referral.started": "Service started by {agency}",
    "referral.completed": "Service completed by {agency}",
    "referral.refused": "Refused by the hub, from {agency}: {reason}",
    "referral.loop_closed": "Loop closed: {agency} knows the outcome, {rung}",
    "identification.decided": "{agency} decided: {outcome}",
    "identification.decision_reversed": "{agency} took its decision back: {outcome}",
    "delivery.queued": "{part} queued for {agency}",
    "delivery.sent": "{part} sent to {agency}, attempt {attempt}",
    "delivery.delivered": "{part} delivered to {agency}",
    "delivery.deferred": "{part} for {agency} put off: {reason}, next try in {wait}",
    "delivery.failed": "{part} could not be delivered to {agency}: {reason}",
    "delivery.accepted": "{agency} answered: accepted",
    "delivery.rejected": "{agency} answered: rejected, {reason}",
    "delivery.in_progress": "{agency} answered: in progress",
    "delivery.completed": "{agency} answered: completed",
}

OUTCOMES: Final[Mapping[str, str]] = {
    "identified": "victim of trafficking",
    "not_identified": "not a victim of trafficking",
}

REASONS: Final[Mapping[str, str]] = {"no_word": "its protocol has no word for it"}

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
UNITS: Final = ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "min"), (MINUTE, "min", 1, "s"))


def agency_name(code: str | None) -> str:
    """Name an agency; one that is not known here is named by its code."""
    if not code:
        return "unknown agency"
    return AGENCY_NAMES.get(code) or plain(code).capitalize()


def plain(code: str | None) -> str:
    """Turn a code into words: `no_capacity` becomes `no capacity`."""
    return (code or "unknown").replace("_", " ")


def part_name(step_part: str | None, rung: str | None) -> str:
    """Name a part of a referral; a status with the rung it tells, e.g. `Status (accepted)`."""
    name = plain(step_part).capitalize() if step_part else "Something"
    return f"{name} ({plain(rung)})" if step_part == "status" and rung else name


def state_name(state: str) -> str:
    """Name the state of a case or a referral."""
    return STATES.get(state) or plain(state).capitalize()


def describe(step: Step) -> str:
    """Say in one line what happened. An event type that is not known here is named by its own words."""
    sentence = SENTENCES.get(step.type)
    if sentence is None:
        return plain(step.type.replace(".", " ")).capitalize()
    part = part_name(step.part, step.rung)
    return sentence.format_map(
        {
            "agency": agency_name(step.agency),
            "receiver": agency_name(step.data.get("receiver")),
            "part": part,
            "part_lower": part[:1].lower() + part[1:],
            "reason": REASONS.get(step.reason or "") or plain(step.reason),
            "rung": plain(step.rung),
            "outcome": OUTCOMES.get(step.data.get("outcome", "")) or plain(step.data.get("outcome")),
            "attempt": step.data.get("attempt", 1),
            "basis": BASIS_NAMES.get(step.data.get("basis", ""), "Consent"),
            "role": ROLE_NAMES.get(step.data.get("role", "")) or plain(step.data.get("role")),
            "shown": SHOWN.get(step.part or "", "Something"),
            "verdict": plain(step.data.get("verdict")),
            "media": plain(step.data.get("media")),
            "unit": step.data.get("unit", "a unit"),
            "status": plain(step.data.get("status")),
            "wait": duration_text(timedelta(seconds=step.data.get("wait_s") or 0)),
        }
    )


def details(step: Step) -> tuple[str, ...]:
    """List what a reader needs beyond the sentence: fields refused, facts submitted, groups released."""
    data = step.data
    found: list[str] = []
    match step.type:
        case "message.rejected":
            found = [f"{each['field']}: {each['problem']}" for each in data.get("problems", ())]
        case "message.received":
            found = [*_named("receipt", data.get("message")), f"{data.get('size')} bytes"]
        case "referral.submitted":
            found = [*_named("receipt", data.get("placer")), *_facts(data)]
        case "referral.routed":
            found = [f"reason: {plain(step.reason)}"] if step.reason else []
        case "disclosure.made":
            found = [f"groups: {_listed(data.get('groups'))}", *map(_opener, data.get("bases", ()))]
        case "reveal.made":
            found = [f"groups: {_listed(data['groups'])}"] if data.get("groups") else []
            found += [
                f"for {plain(data.get('purpose'))}",
                *(["glass broken"] if data.get("break_glass") else []),
            ]
        case "consent.given" | "consent.narrowed" | "consent.withdrawn" | "consent.expired":
            found = _consent(data)
        case "delivery.deferred" | "delivery.failed":
            found = [f"attempt {data.get('attempt')}", _failure(data.get("failure"))]
        case _:
            found = _reported(step.type, data)
    return tuple(found)


def _reported(kind: str, data: Mapping[str, Any]) -> list[str]:
    """List what an agency reported of its own: a decision, its places, a warning with its yes."""
    match kind:
        case "support.capacity_reported":
            return [places_text(data.get("free"), data.get("total")), f"for: {_listed(data.get('accepts'))}"]
        case "case.document_received":
            return [f"{data.get('size')} bytes", *_named("receipt", data.get("announcement"))]
        case "identification.decided" | "identification.decision_reversed":
            receipts = _named("receipt", data.get("message"))
            reversed_ = _named("takes back receipt", data.get("reverses"))
            return [f"from {data.get('holds_from')}", *receipts, *reversed_]
        case _:
            warnings = [*data.get("warnings", ()), *([data["warning"]] if data.get("warning") else [])]
            return [f"warning: {plain(each)}" for each in warnings]


def places_text(free: int | None, total: int | None) -> str:
    """Say how many places are free: `3 of 12 free`, `3 free`, `12 places`."""
    if free is None:
        return "number of places not said" if total is None else f"{total} place{'s' if total != 1 else ''}"
    return f"{free} free" if total is None else f"{free} of {total} free"


def _failure(code: str | None) -> str:
    # The receiver may have the message: whoever asks by telephone must know.
    return "outcome unknown: it may have arrived" if code == UNKNOWN else f"class: {plain(code)}"


def duration_text(length: timedelta) -> str:
    """Write a duration in at most two units: `12 ms`, `3.4 s`, `2 min 5 s`; a negative one with a minus."""
    seconds = length.total_seconds()
    sign, seconds = ("\N{MINUS SIGN}" if seconds < 0 else ""), abs(seconds)
    if seconds < 1:
        return f"{sign}{round(seconds * 1000)} ms"
    if seconds < MINUTE:
        return f"{sign}{seconds:.1f} s"
    unit, name, below, below_name = next(each for each in UNITS if seconds >= each[0])
    rest = int(seconds % unit // below)
    return f"{sign}{int(seconds // unit)} {name}" + (f" {rest} {below_name}" if rest else "")


def age_text(length: timedelta) -> str:
    """Write an age in its largest unit, e.g. `5 min ago`; `just now` for a clock ahead of ours, too."""
    seconds = length.total_seconds()
    if seconds < 1:
        return "just now"
    size, unit = next(((size, name) for size, name, *_ in UNITS if seconds >= size), (1, "s"))
    return f"{int(seconds // size)} {unit} ago"


def _consent(data: Mapping[str, Any]) -> list[str]:
    """Say what a consent, duty or ground opens, for whom, and who is to be told that it does no more."""
    found = [f"{name}: {_listed(data.get(name))}" for name in ("groups", "purposes")]
    found += [
        f"{what}: {_listed(data[name])}"
        for what, name in (("for", "named"), ("to tell", "recipients"))
        if data.get(name)
    ]
    return [*found, f"until {data['until']}"] if data.get("until") else found


def _opener(base: str) -> str:
    """Say by which consent, duty or ground values left: `basis:id:version` as the ledger has it."""
    basis, _, which = base.partition(":")
    consent, _, version = which.partition(":")
    return f"by {BASIS_NAMES.get(basis, plain(basis)).lower()} {consent} version {version}"


def _named(what: str, name: str | None) -> tuple[str, ...]:
    """Give a receipt its name; of an erased case it is gone."""
    return (f"{what} {name}",) if name else ()


def _facts(data: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        f"{plain(name)}: {plain(data[name])}"
        for name in ("service", "priority", "age_group")
        if data.get(name)
    )


def _listed(codes: Any) -> str:  # noqa: ANN401 - a list out of stored JSON
    return ", ".join(plain(str(each)) for each in codes or ()) or "none"
