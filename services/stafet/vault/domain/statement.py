"""What may be said of a basis, what is wrong with it, and which versions it makes."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from stafet.vault.domain.consent import (
    CONSENT,
    EXPIRED,
    GIVEN,
    NARROWED,
    WITHDRAWN,
    Scope,
    Version,
    newest,
)
from stafet.vault.policy import Policy
from stafet_runtime.vaultport import ConsentOrder
from stafet_schemas.codes import BASES, CONSENT_FORMS
from stafet_schemas.groups import Group

STATEMENTS: Final = (GIVEN, NARROWED, WITHDRAWN)
"""What may be said of a basis; that it has expired says the vault."""

SKEW: Final = timedelta(minutes=15)
"""How far ahead a partner's clock may be: what was said within it counts as said now."""
LONGEST_TEXT: Final = 300
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}|unknown")

Problem = tuple[str, str]


def scope_of(said: ConsentOrder) -> Scope:
    """Return what a statement is about."""
    return Scope(frozenset(said.recipients), frozenset(said.purposes), frozenset(said.groups), said.until)


def begin(
    said: ConsentOrder, history: Sequence[Version], now: datetime, policy: Policy
) -> Version | list[Problem] | None:
    """Decide on a new basis: its first version without id and agency, what is wrong, or None if it stands so.

    Two bases of one kind never open the same thing at once, so that withdrawing one closes what it names.
    """
    asked = scope_of(said)
    wrong = [*_about_scope(asked, now, policy), *_about_start(said, now), *_about_kind(said)]
    if said.consent is not None:
        wrong.append(("consent", "a new one has no id yet"))
    if wrong:
        return wrong
    version = _first(said, now)
    rivals = [
        each
        for each in newest(history)
        if each.statement in {GIVEN, NARROWED}
        and each.basis == said.basis
        and each.scope.meets(asked)
        and _share_time(each, version)
    ]
    if any(each.holds(now) and asked.within(each.scope) for each in rivals):
        return None
    return [("groups", "overlaps what is in force: narrow or withdraw that first")] if rivals else version


def narrow(
    said: ConsentOrder, history: Sequence[Version], now: datetime, policy: Policy
) -> Version | list[Problem]:
    """Decide on a narrower version; what a part leaves open stays as it is."""
    wrong = [
        *_about_names(scope_of(said), policy),
        *_about_until(said.until, now),
        *_about_start(said, now),
    ]
    found = _meant(said, [each for each in newest(history) if each.holds(now)])
    if isinstance(found, list) or wrong:
        return [*wrong, *(found if isinstance(found, list) else [])]
    scope = _filled(scope_of(said), found.scope)
    if scope == found.scope:
        return [("groups", "nothing is narrower: name what stays")]
    if not scope.within(found.scope):
        return [(name, "wider than what is in force") for name in _wider(scope, found.scope)]
    return replace(
        found, number=found.number + 1, statement=NARROWED, scope=scope, valid_from=now, recorded_at=now
    )


def withdraw(
    said: ConsentOrder, history: Sequence[Version], now: datetime
) -> tuple[Version, ...] | list[Problem]:
    """Decide on a withdrawal: of the basis named, or of all of its kind; at once, whatever `at` says.

    What has expired is withdrawn, too: who was served under it is to be told. Nothing left is nothing wrong.
    """
    wrong = [(name, "a withdrawal is of the whole: narrow it instead") for name in _named(scope_of(said))]
    found = [each for each in newest(history) if each.basis == said.basis and each.statement != WITHDRAWN]
    if said.consent is not None:
        known = [each for each in newest(history) if each.consent == said.consent]
        if not known:
            wrong.append(("consent", "unknown"))
        found = [each for each in known if each.statement != WITHDRAWN]
    if wrong:
        return wrong
    return tuple(_ended(each, WITHDRAWN, now) for each in found)


def expire(history: Sequence[Version], now: datetime) -> tuple[Version, ...]:
    """Decide what has run out and nobody has said so yet."""
    return tuple(
        _ended(each, EXPIRED, now)
        for each in newest(history)
        if each.statement in {GIVEN, NARROWED} and each.scope.until is not None and each.scope.until <= now
    )


def check_words(said: ConsentOrder) -> list[Problem]:
    """Say what is wrong with a statement before anybody looks what there is."""
    wrong: list[Problem] = []
    if said.statement not in STATEMENTS:
        wrong.append(("statement", f"say one of {', '.join(STATEMENTS)}"))
    if said.basis not in BASES.codes:
        wrong.append(("basis", f"say one of {', '.join(sorted(BASES.codes))}"))
    return wrong


def _first(said: ConsentOrder, now: datetime) -> Version:
    return Version(
        consent="",
        number=1,
        basis=said.basis,
        statement=GIVEN,
        scope=scope_of(said),
        valid_from=min(said.at or now, now),
        recorded_at=now,
        agency="",
        language=said.language,
        interpreter=said.interpreter,
        how=said.how,
        law=said.law,
        by=said.by,
    )


def _ended(version: Version, statement: str, now: datetime) -> Version:
    return replace(version, number=version.number + 1, statement=statement, valid_from=now, recorded_at=now)


def _about_scope(scope: Scope, now: datetime, policy: Policy) -> list[Problem]:
    wrong = [(name, "name at least one") for name, there in scope.bounds.items() if not there]
    return [*wrong, *_about_names(scope, policy), *_about_until(scope.until, now)]


def _about_names(scope: Scope, policy: Policy) -> list[Problem]:
    """Name no value: what is unknown may be anything."""
    known = {
        "recipients": scope.recipients <= policy.organisations.keys(),
        "purposes": scope.purposes <= policy.purposes.keys(),
        "groups": scope.groups <= frozenset(Group),
    }
    return [(name, "unknown") for name, fine in known.items() if not fine]


def _about_until(until: datetime | None, now: datetime) -> list[Problem]:
    if until is not None and until.tzinfo is None:
        return [("until", "a time without its zone")]
    return [("until", "in the past")] if until is not None and until <= now else []


def _about_start(said: ConsentOrder, now: datetime) -> list[Problem]:
    at = said.at
    if at is not None and at.tzinfo is None:
        return [("at", "a time without its zone")]
    if at is not None and at > now + SKEW:
        return [("at", "in the future: check the clock")]
    return []


def _about_kind(said: ConsentOrder) -> list[Problem]:
    """A consent says in which words it was given; a duty or ground names the law and a human."""
    if said.basis != CONSENT:
        texts = {"law": said.law, "by": said.by}
        return [
            (name, "missing, or too long")
            for name, text in texts.items()
            if not text or not text.strip() or len(text) > LONGEST_TEXT
        ]
    wrong: list[Problem] = []
    if said.how is None or not CONSENT_FORMS.known(said.how):
        wrong.append(("how", f"say one of {', '.join(sorted(CONSENT_FORMS.codes))}"))
    if said.language is None or not _LANGUAGE.fullmatch(said.language):
        wrong.append(("language", "not a code"))
    return wrong


def _share_time(one: Version, other: Version) -> bool:
    ends = [each.scope.until for each in (one, other)]
    begins = max(one.valid_from, other.valid_from)
    return all(end is None or begins < end for end in ends)


def _meant(said: ConsentOrder, standing: Sequence[Version]) -> Version | list[Problem]:
    if said.consent is not None:
        found = [each for each in standing if each.consent == said.consent]
        return found[0] if found else [("consent", "unknown, or not in force")]
    found = [each for each in standing if each.basis == said.basis]
    if not found:
        return [("consent", "none is in force")]
    return found[0] if len(found) == 1 else [("consent", "several are in force: say which")]


def _filled(scope: Scope, before: Scope) -> Scope:
    return Scope(
        scope.recipients or before.recipients,
        scope.purposes or before.purposes,
        scope.groups or before.groups,
        scope.until or before.until,
    )


def _wider(scope: Scope, before: Scope) -> list[str]:
    names = ("recipients", "purposes", "groups")
    return [name for name in names if not getattr(scope, name) <= getattr(before, name)] or ["until"]


def _named(scope: Scope) -> list[str]:
    return [name for name, there in scope.bounds.items() if there] + (["until"] if scope.until else [])
