"""Bases as tests need them, one version at a time; and mandates that end."""

from datetime import UTC, date, datetime
from typing import Final

from hypothesis import strategies as st

from stafet.vault.domain.consent import DUTY, GROUND, Scope, Version
from stafet.vault.policy import Policy
from stafet_schemas.groups import Group

NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
ALL: Final = tuple(map(str, Group))


def version(
    basis: str = "consent",
    *,
    recipient: str = "redcross",
    purpose: str = "support",
    groups: tuple[str, ...] = ALL,
    consent: str = "b-1",
    number: int = 2,
) -> Version:
    """Make a version of a basis, in force."""
    scope = Scope(frozenset({recipient}), frozenset({purpose}), frozenset(groups))
    said = "given" if number == 1 else "narrowed"
    law, by = ("Lov § 1", "K. Testgaard") if basis in {DUTY, GROUND} else (None, None)
    return Version(consent, number, basis, said, scope, NOON, NOON, "police", law=law, by=by)


@st.composite
def versions(draw: st.DrawFn) -> Version:
    """Draw a version in force of any basis, mostly for somebody who is asked about."""
    return version(
        draw(st.sampled_from(["consent", "duty", "ground"])),
        recipient=draw(st.sampled_from(["police", "redcross", "cmm"])),
        purpose=draw(st.sampled_from(["support", "support", "treatment"])),
        groups=tuple(draw(st.frozensets(st.sampled_from(ALL)))),
        consent=draw(st.sampled_from(["b-1", "b-2", "b-3"])),
    )


def mandated_until(policy: Policy, organisation: str, day: date) -> Policy:
    """End the mandates of an organisation with a day."""
    known = policy.organisations[organisation]
    ended = tuple(each.model_copy(update={"valid_to": day}) for each in known.mandates)
    changed = known.model_copy(update={"mandates": ended})
    return policy.model_copy(update={"organisations": {**policy.organisations, organisation: changed}})
