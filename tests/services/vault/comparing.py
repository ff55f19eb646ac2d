"""Compares what the vault releases, and what connectors make of it, with what may leave by the design."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from stafet_runtime.vaultport import ReleaseRequest
from stafet_sdk.contract import Connector, Partner
from stafet_sdk.draft import Release
from tests.fakes.one_case import OneCase
from tests.services.vault.asking import EVENTS, REFERRAL, requests
from tests.services.vault.disclosing import (
    NONE,
    State,
    ask,
    beyond,
    desk_of,
    may_leave,
)
from tests.services.vault.editions import Edition
from tests.services.vault.leaving import CANARY, CONNECTORS, Names, wrongs

NAMED: Final = frozenset({"notice", "reminder", "content", "revocation", "withdrawal"})
"""The parts that name the person, by the recipient's own pseudonym."""


class Comparison:
    """Runs every event for every organisation of an edition, and keeps what does not agree.

    `combinations` were compared, in `left` of them something left; `messages` is how many different ones
    connectors composed, `spoken` which part for whom.
    """

    def __init__(self, edition: Edition, desks: Mapping[str, tuple[Connector, Partner]] = CONNECTORS) -> None:
        self.mismatches: list[str] = []
        self.combinations = self.left = 0
        self.spoken: set[tuple[str, str]] = set()
        self._edition = edition
        self._desks = desks
        self._judged: dict[tuple[str, str], list[str]] = {}

    @property
    def messages(self) -> int:
        """How many different releases went through a connector."""
        return len(self._judged)

    async def run(self, states: Sequence[State], days: Sequence[date]) -> None:
        """Compare in these states on these days."""
        asked = [
            (kind.short_name(), each)
            for kind in EVENTS
            for organisation in self._edition.stays
            for each in await requests(kind, organisation)
        ]
        for state in states:
            desk = desk_of(state)
            # By what rung a status is does not matter to the vault: of one group alone one rung will do.
            chosen = [each for each in asked if not (state.alone and each[1].rung not in {None, "accepted"})]
            # Nor does it matter to an alert what help was asked for.
            if state.service != State.service:
                chosen = [each for each in chosen if each[1].part != "alert"]
            for day in days:
                for kind, request in chosen:
                    await self._compare(kind, request, state, day, desk)

    async def _compare(
        self, kind: str, request: ReleaseRequest, state: State, day: date, desk: OneCase
    ) -> None:
        released = await ask(desk, self._edition, request, state, day)
        may = may_leave(self._edition, request, state, day)
        self.combinations += 1
        wrong = self._about_release(released, may, request, state, day)
        if released is not None and may is not None:
            self.left += 1
            wrong += [*self._about_row(desk, released, state, day), *self._about_message(released, may)]
        where = f"{kind} to {request.recipient}, {request.part} for {request.purpose}, {state.name}, {day}"
        self.mismatches += [f"{where}: {each}" for each in wrong]

    def _about_release(
        self,
        released: Release | None,
        may: Names | None,
        request: ReleaseRequest,
        state: State,
        day: date,
    ) -> list[str]:
        left = None if released is None else {group: set(each) for group, each in released.values.items()}
        if left != may or released is None:
            return [] if left == may else [f"left {left}, may {may}"]
        named = f"person-of-{request.recipient}" if request.part in NAMED else None
        beyond_now = beyond(self._edition, request.recipient, state, day)
        groups = beyond_now if request.part == "withdrawal" else ()
        # Values have no repr: what is written here is all else.
        whole = (released.recipient, released.person, released.groups, CANARY in repr(released))
        right = (request.recipient, named, groups, False)
        if request.part == "alert" and (released.referrals, released.due) != ((REFERRAL,), request.due):
            return ["the alert does not say of which referral, and by when"]
        return [] if whole == right else [f"release {whole}, not {right}"]

    def _about_row(self, desk: OneCase, released: Release, state: State, day: date) -> list[str]:
        assert desk.row is not None
        fields = sorted(f"{group}.{name}" for group, each in released.values.items() for name in each)
        if list(desk.row.fields) != fields:
            return [f"the ledger says {desk.row.fields}"]
        stay = self._edition.stay(released.recipient, day)
        opened = False
        if stay is not None and released.part == "content":
            anyway = self._edition.seen(stay.row, day, NONE, NONE)
            opened = anyway != self._edition.seen(stay.row, day, *state.opens(released.purpose))
        return [] if bool(desk.row.bases) == opened else [f"the ledger names {desk.row.bases}"]

    def _about_message(self, released: Release, may: Names) -> list[str]:
        if released.recipient not in self._desks:
            return []
        key = (repr(released), repr(released.values))
        if key not in self._judged:
            self.spoken.add((released.recipient, released.part))
            self._judged[key] = wrongs(released, may, self._desks)
        return self._judged[key]
