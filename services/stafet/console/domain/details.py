"""What a reader needs of a step beyond its sentence."""

from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Any, Final

from stafet.console.domain.lexicon import EVENTS, NAMES
from stafet.console.domain.steps import Step
from stafet.console.domain.words import places_text, plain, value_text
from stafet_schemas.codes import UNKNOWN

REFERENCES: Final = frozenset(
    {
        "absence", "at", "by", "case", "consent", "contact", "custody", "deadline", "delivery", "digest",
        "disclosure", "episode", "interview", "journey", "lane", "matter", "message", "notification",
        "operation", "period", "placer", "plan", "query", "record", "referral", "representation", "reveal",
        "rule", "stay", "subject", "successor", "version",
    }
)  # fmt: skip
"""Fields that lead elsewhere or say when: they are among the step's data, and no words."""
ABOUT: Final = frozenset(
    {"agency", "owner", "sender", "receiver", "recipient", "part", "rung", "purpose", "policy"}
)
"""Fields that the page shows beside every step."""
TOLD_WHOLE: Final = ("delivery.", "disclosure.", "message.", "reveal.", "referral.loop")
"""Subjects whose sentences and cases below say all that a reader needs."""
LABELS: Final[Mapping[str, str]] = {
    "behalf": "on behalf of",
    "holds_from": "from",
    "to": "told",
    "recipients": "to tell",
}


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
            found = _reported(step)
    return tuple(found)


def _reported(step: Step) -> list[str]:
    """List what an agency reported of its own: a decision, its places, a warning with its yes."""
    kind, data = step.type, step.data
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
            said = [*data.get("warnings", ()), *([data["warning"]] if data.get("warning") else [])]
            warned = [f"warning: {plain(each)}" for each in said]
            return warned if kind.startswith(TOLD_WHOLE) else warned + _rest(step)


def _rest(step: Step) -> list[str]:
    """List every field that the sentence leaves out; what is not set or only leads elsewhere says nothing.

    By name: the store keeps no order of its own.
    """
    hidden = _hidden(step.type)
    return [
        f"{LABELS.get(name) or plain(name)}: {value_text(name, value)}"
        for name, value in sorted(step.data.items())
        if name not in hidden and value not in (None, "", [], ())
    ]


@cache
def _hidden(kind: str) -> frozenset[str]:
    words = EVENTS.get(kind)
    told = {name for _, name, *_ in Formatter().parse(words.says) if name} if words else set[str]()
    return (
        REFERENCES | ABOUT | {"warning", "warnings"} | told | {each.removesuffix("_lower") for each in told}
    )


def _failure(code: str | None) -> str:
    # The receiver may have the message: whoever asks by telephone must know.
    return "outcome unknown: it may have arrived" if code == UNKNOWN else f"class: {plain(code)}"


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
    return f"by {NAMES['bases'].get(basis, plain(basis)).lower()} {consent} version {version}"


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
