"""What the simulated police will send, decided by the seed before anything is sent.

The same seed and count give the same messages with the same ids and content, so that a simulator that was
killed goes on with the rest. Of the referrals about 10 % carry a fault, 5 % are a second one about the same
person; of the sound ones 10 % are sent twice and 3 % again with other content under the same id.
"""

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from stafet_sdk.faults import Faults
from stafet_sdk.synthetic import Person, Profile, people, profiles

_IDS: Final = uuid.UUID("6f5d0c1e-5d0a-4f0e-9a55-7b1f6f0c2a11")

# Fault -> the code the hub is expected to answer with; None: accepted, then told FEJLET by a receipt.
FAULTS: Final[Mapping[str, str | None]] = {
    "malformed": "malformed",
    "doctype": "doctype",
    "signature_missing": "signature_missing",
    "signature_invalid": "signature_invalid",
    "unknown_action": "unknown_action",
    "missing_field": None,
    "malformed_field": None,
    "unknown_code": None,
    "oversize": "too_large",
    "unknown_sender": "unknown_sender",
}
CONFLICT: Final = "conflict"

# Scripts of the sending side, by name, and what the hub is expected to answer, as above.
SCRIPTED: Final[Mapping[str, tuple[str, str | None]]] = {
    "h2-forward": ("h2_forward", None),
    "wrap-attack": ("wrap_attack", "signature_invalid"),
    "expired-certificate": ("expired_certificate", "certificate_expired"),
    "identity-merge": ("identity_merge", None),
    "identity-split": ("identity_split", None),
}

FIRST_RECEIVER: Final = "redcross"
OTHERS_SHARE: Final = 15
"""Where there are other receivers, so many of a hundred persons are referred to each of them."""

AT_ONCE: Final = "at_once"
LATER: Final = "later"


@dataclass(frozen=True, slots=True, repr=False)
class Planned:
    """One referral to send, to the agency `receiver`.

    `choices` seeds what its profile leaves open; `again`: AT_ONCE, LATER, None.
    """

    transaction: str
    reference: str
    person: Person
    profile: Profile
    choices: str
    fault: str | None = None
    again: str | None = None
    conflict: bool = False
    receiver: str = FIRST_RECEIVER


def plan(seed: int, referrals: int, receivers: Sequence[str] = ()) -> list[list[Planned]]:
    """Plan `referrals` messages as chains: what is in one chain is about one person and is sent in order.

    Some persons are referred to each of `receivers`, most to the Red Cross.
    """
    source = random.Random(f"plan/{seed}")
    drawn = profiles(seed, referrals)
    everybody = people(seed, [profile.age_band for profile in drawn])
    messages = [
        Planned(
            transaction=str(uuid.uuid5(_IDS, f"{seed}/{number}")),
            reference=f"POL-{seed}-{number:05d}",
            person=person,
            profile=profile,
            choices=f"choices/{seed}/{number}",
            receiver=_receiver(seed, number, receivers),
        )
        for number, (person, profile) in enumerate(zip(everybody, drawn, strict=True))
    ]
    order = source.sample(range(referrals), referrals)
    faulty = order[: _share(referrals, 10)]
    second = order[len(faulty) : len(faulty) + _share(referrals, 5)]
    sound = order[len(faulty) + len(second) :]
    kinds = source.sample(sorted(FAULTS), len(FAULTS))
    for position, number in enumerate(faulty):
        messages[number] = replace(messages[number], fault=kinds[position % len(kinds)])
    again = sound[: _share(len(sound), 10)]
    for position, number in enumerate(again):
        messages[number] = replace(messages[number], again=LATER if position % 2 else AT_ONCE)
    for number in sound[len(again) : len(again) + _share(len(sound), 3)]:
        messages[number] = replace(messages[number], conflict=True)
    chains = {number: [messages[number]] for number in sorted([*faulty, *sound])}
    for position, number in enumerate(second):
        _follow(chains[sound[position % len(sound)]], messages[number])
    return list(chains.values())


def scripted(chains: list[list[Planned]], faults: Faults, seed: int) -> list[list[Planned]]:
    """Let fault scripts strike among the messages that are sound and sent once."""

    def struck(planned: Planned) -> Planned:
        if planned.fault or planned.again or planned.conflict:
            return planned
        script = next((each for each in SCRIPTED if faults.strikes(each, planned.transaction, seed)), None)
        return planned if script is None else replace(planned, fault=SCRIPTED[script][0])

    return [[struck(each) for each in chain] for chain in chains]


def values(chains: list[list[Planned]]) -> list[str]:
    """List every personal value and case reference to be sent: none may be found outside the vault."""
    found = [value for chain in chains for each in chain for value in (*each.person.values(), each.reference)]
    return list(dict.fromkeys(found))


def _share(count: int, percent: int) -> int:
    return max(round(count * percent / 100), 1 if count >= 10 else 0)


def _receiver(seed: int, number: int, receivers: Sequence[str]) -> str:
    drawn = random.Random(f"receiver/{seed}/{number}").randrange(100) // OTHERS_SHARE
    return receivers[drawn] if drawn < len(receivers) else FIRST_RECEIVER


def _follow(chain: list[Planned], message: Planned) -> None:
    first = chain[0]
    chain.append(
        replace(
            message,
            reference=first.reference,
            person=first.person,
            profile=first.profile,
            receiver=first.receiver,
        ),
    )
