"""The decision over every request, and the ledger's chain."""

from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet.vault.adapters.policyfile import load_policy
from stafet.vault.domain.ledger import FIRST, Entry, link
from stafet.vault.domain.release import PURPOSES, Block, Facts, Permit, decide, project
from stafet_runtime.vaultport import ReleaseRequest, StoredRecord
from stafet_schemas.codes import BLOCKS
from stafet_schemas.groups import Group
from tests.services.vault.people import request, requests

POLICY = load_policy()
TODAY = date(2026, 11, 24)
ALL = Facts(case_known=True, record_known=True, sender_known=True, groups=frozenset(Group))
ASKED = request(StoredRecord("c-1", "r-1", 1, (), ""))

SEEN = {
    ("police", "notice", False): {"routing"},
    ("police", "notice", True): {"routing"},
    ("police", "content", True): {"routing"},
    ("police", "status", False): set[str](),
    ("police", "status", True): set[str](),
    ("redcross", "notice", False): {"routing"},
    ("redcross", "notice", True): {"routing"},
    ("redcross", "content", True): {
        "routing", "identity", "contact", "residence", "exploitation", "child", "support",
    },
    ("redcross", "status", False): set[str](),
    ("redcross", "status", True): set[str](),
}  # fmt: skip
"""Written by hand from the matrix of the design; a group that is not named here must not be seen."""

GROUPS = st.sampled_from(list(Group))
NAMES = st.sampled_from(sorted(frozenset[str]().union(*POLICY.fields.values())))


class TestDecide:
    """Who may see what."""

    @pytest.mark.parametrize(
        ("recipient", "part", "accepted"),
        list(product([*POLICY.receivers, "shelter"], [*PURPOSES, "all"], [False, True])),
    )
    def test_only_what_the_matrix_allows_is_permitted(
        self, recipient: str, part: str, accepted: bool
    ) -> None:
        sender = recipient if part == "status" else "police"
        purpose = PURPOSES.get(part, "support")
        asked = replace(
            ASKED, recipient=recipient, sender=sender, part=part, accepted=accepted, purpose=purpose
        )
        verdict = decide(POLICY, asked, ALL, TODAY)
        seen = set(map(str, verdict.fields)) if isinstance(verdict, Permit) else None
        assert seen == SEEN.get((recipient, part, accepted))

    @pytest.mark.parametrize("purpose", [*PURPOSES.values(), "curiosity"])
    @pytest.mark.parametrize("part", PURPOSES)
    def test_each_part_leaves_for_its_own_purpose_only(self, part: str, purpose: str) -> None:
        recipient = "police" if part == "status" else "redcross"
        asked = replace(ASKED, part=part, purpose=purpose, recipient=recipient)
        blocked = decide(POLICY, asked, ALL, TODAY) == Block("no_mandate")
        assert blocked == (purpose != PURPOSES[part])

    def test_a_status_goes_to_the_sender_only(self) -> None:
        asked = replace(
            ASKED, part="status", purpose="referral_status", sender="police", recipient="redcross"
        )
        assert decide(POLICY, asked, ALL, TODAY) == Block("no_mandate")

    def test_before_the_policy_is_in_force_nothing_leaves(self) -> None:
        asked = replace(ASKED, part="status", purpose="referral_status", recipient="police")
        assert decide(POLICY, ASKED, ALL, date(2025, 12, 31)) == Block("no_policy")
        assert decide(POLICY, asked, ALL, date(2025, 12, 31)) == Block("no_policy")

    def test_only_groups_that_the_record_has_are_permitted(self) -> None:
        verdict = decide(
            POLICY, ASKED, replace(ALL, groups=frozenset({Group.IDENTITY, Group.NARRATIVE})), TODAY
        )
        assert isinstance(verdict, Permit)
        assert set(verdict.fields) == {Group.IDENTITY}

    @given(
        asked=requests(),
        facts=st.builds(Facts, st.booleans(), st.booleans(), st.booleans(), st.frozensets(GROUPS)),
        on=st.dates(date(2025, 12, 1), date(2027, 1, 1)),
        values=st.dictionaries(NAMES | st.text(), st.text()),
    )
    def test_no_field_outside_the_allow_list_leaves(
        self,
        asked: ReleaseRequest,
        facts: Facts,
        on: date,
        values: dict[str, str | int | bool | list[str] | None],
    ) -> None:
        assert isinstance(asked, type(ASKED))
        verdict = decide(POLICY, asked, facts, on)
        if isinstance(verdict, Block):
            assert BLOCKS.known(verdict.reason)
            return
        assert set(verdict.fields) <= facts.groups
        for group, names in verdict.fields.items():
            assert (
                set(project(values, names))
                <= POLICY.released(asked.recipient, on)[group]
                <= POLICY.fields[group]
            )
            assert group is Group.ROUTING or (asked.part == "content" and asked.accepted)


class TestProject:
    """Field by field."""

    def test_a_field_that_is_not_listed_stays(self) -> None:
        values = {"first_name": "Zorabelle", "nickname": "Zo"}
        assert project(values, frozenset({"first_name"})) == {"first_name": "Zorabelle"}


class TestLink:
    """The chain of the ledger."""

    ENTRY = Entry(
        "d-1", "c-1", 1, "c-1", "referral-1", "r-1", 1, "police", "redcross", "support", "content",
        "1", "made", None, ("routing",), ("routing.service",), "delivery-1", 1,
        datetime(2026, 11, 24, 12, tzinfo=UTC),
    )  # fmt: skip

    @pytest.mark.parametrize("column", Entry.__slots__)
    def test_changing_any_column_breaks_it(self, column: str) -> None:
        other: dict[str, Any] = {
            "number": 2,
            "version": 2,
            "attempt": 2,
            "groups": (),
            "fields": (),
            "at": datetime.now(UTC),
        }
        changed = replace(self.ENTRY, **{column: other.get(column, "other")})
        assert link(FIRST, changed) != link(FIRST, self.ENTRY)

    def test_changing_the_row_before_breaks_it(self) -> None:
        assert link(b"\x01" * 32, self.ENTRY) != link(FIRST, self.ENTRY)

    def test_the_same_row_gives_the_same_hash_for_ever(self) -> None:
        row = (
            b'{"at":"2026-11-24T12:00:00.000000+00:00","attempt":1,"case":"c-1","delivery":"delivery-1",'
            b'"disclosure":"d-1","fields":["routing.service"],"groups":["routing"],"lane":"c-1","number":1,'
            b'"outcome":"made","part":"content","policy":"1","purpose":"support","reason":null,'
            b'"recipient":"redcross","record":"r-1","referral":"referral-1","sender":"police","version":1}'
        )
        assert link(FIRST, self.ENTRY) == sha256(bytes(32) + row).digest()
