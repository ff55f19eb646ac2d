"""The decision over every request."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet.vault.adapters.datafiles import load_policy
from stafet.vault.domain.consent import opened
from stafet.vault.domain.release import (
    CARRYING,
    PURPOSES,
    RECALLS,
    Block,
    Facts,
    Permit,
    decide,
    project,
)
from stafet_runtime.vaultport import ReleaseRequest, StoredRecord
from stafet_schemas.codes import BLOCKS, SERVICES
from stafet_schemas.groups import Group
from tests.services.vault.bases import mandated_until, version, versions
from tests.services.vault.people import request, requests
from tests.services.vault.randomcases import everybody

POLICY = load_policy()
TODAY = date(2026, 11, 24)
ALL = Facts(case_known=True, record_known=True, sender_known=True, groups=frozenset(Group))
NOTHING_KNOWN = Facts(case_known=False, record_known=False, sender_known=False, groups=frozenset())
ASKED = request(StoredRecord("c-1", "r-1", 1, (), ""))

SEEN = {
    ("police", "notice", False): {"routing"},
    ("police", "notice", True): {"routing"},
    ("police", "reminder", False): {"routing"},
    ("police", "reminder", True): {"routing"},
    ("police", "content", True): {"routing"},
    ("police", "status", False): set[str](),
    ("police", "status", True): set[str](),
    ("redcross", "notice", False): {"routing"},
    ("redcross", "notice", True): {"routing"},
    ("redcross", "reminder", False): {"routing"},
    ("redcross", "reminder", True): {"routing"},
    ("redcross", "content", True): {
        "routing", "identity", "contact", "residence", "exploitation", "child", "support", "perpetrator",
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
        list(product(["police", "redcross", "hotel"], [*PURPOSES, "all"], [False, True])),
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
        facts = replace(ALL, served=True, erased=part == "erasure")
        blocked = decide(POLICY, asked, facts, TODAY) == Block("no_mandate")
        assert blocked == (purpose != PURPOSES[part])

    def test_a_content_leaves_for_a_formal_assessment_to_who_assesses(self) -> None:
        asked = replace(ASKED, part="content", purpose="formal_assessment", recipient="immigration")
        facts = replace(ALL, service="identification")
        verdict = decide(POLICY, asked, facts, TODAY)
        assert isinstance(verdict, Permit)
        assert set(map(str, verdict.fields)) == {
            "routing", "identity", "residence", "exploitation", "child", "support",
        }  # fmt: skip
        assert decide(POLICY, replace(asked, recipient="redcross"), facts, TODAY) == Block("no_mandate")
        assert decide(POLICY, replace(asked, part="notice"), facts, TODAY) == Block("no_mandate")

    @pytest.mark.parametrize("recipient", ["return_agency", "drc"])
    def test_nothing_leaves_for_a_return_before_the_person_consents_to_it(self, recipient: str) -> None:
        asked = replace(ASKED, part="content", purpose="prepared_return", recipient=recipient)
        facts = replace(ALL, service="prepared_return")

        def said(basis: str = "consent", purpose: str = "prepared_return", named: str = recipient) -> Facts:
            return replace(facts, standing=(version(basis, recipient=named, purpose=purpose),))

        closed = (facts, said("ground"), said("duty"), said(purpose="support"), said(named="police"))
        for each in (*closed, replace(said(), child=True)):
            assert decide(POLICY, asked, each, TODAY) == Block("no_consent")
        verdict = decide(POLICY, asked, said(), TODAY)
        assert isinstance(verdict, Permit)
        assert {"routing", "identity"} <= set(map(str, verdict.fields))
        assert verdict.bases == ("consent:b-1:2",)

    def test_a_status_goes_to_the_sender_only(self) -> None:
        asked = replace(
            ASKED, part="status", purpose="referral_status", sender="police", recipient="redcross"
        )
        assert decide(POLICY, asked, ALL, TODAY) == Block("no_mandate")

    def test_before_the_policy_is_in_force_nothing_leaves(self) -> None:
        asked = replace(ASKED, part="status", purpose="referral_status", recipient="police")
        assert decide(POLICY, ASKED, ALL, date(2025, 12, 31)) == Block("no_mandate")
        assert decide(POLICY, asked, ALL, date(2025, 12, 31)) == Block("no_policy")

    def test_a_purpose_that_is_not_in_the_recipients_row_is_refused(self) -> None:
        assert decide(POLICY, replace(ASKED, recipient="immigration"), ALL, TODAY) == Block("no_mandate")

    @pytest.mark.parametrize("part", sorted(RECALLS))
    def test_a_recall_goes_to_who_was_served_and_has_no_field(self, part: str) -> None:
        asked = replace(ASKED, part=part, purpose=PURPOSES[part], referral=None, record=None, accepted=False)
        facts = replace(NOTHING_KNOWN, case_known=part == "withdrawal", erased=part == "erasure", served=True)
        assert decide(POLICY, asked, facts, TODAY) == Permit()
        assert decide(POLICY, asked, replace(facts, served=False), TODAY) == Block("no_mandate")

    def test_a_revocation_goes_to_who_was_shown_the_referral_and_has_no_field(self) -> None:
        asked = replace(ASKED, part="revocation", purpose="referral_status", accepted=False)
        assert decide(POLICY, asked, replace(ALL, served=True), TODAY) == Permit()
        assert decide(POLICY, asked, ALL, TODAY) == Block("never_sent")

    def test_an_alert_goes_to_who_takes_part_and_may_see_what_it_gives_away(self) -> None:
        asked = replace(
            ASKED,
            part="alert",
            purpose="alert",
            referral=None,
            record=None,
            rung="warned",
            reason="period_end",
        )
        takes_part = replace(NOTHING_KNOWN, case_known=True, served=True)
        assert decide(POLICY, asked, takes_part, TODAY) == Permit()
        assert decide(POLICY, asked, replace(takes_part, served=False), TODAY) == Block("never_sent")
        for other in (
            replace(asked, recipient="police"),
            replace(asked, recipient="union"),
            replace(asked, reason="unheard_of"),
        ):
            assert decide(POLICY, other, takes_part, TODAY) == Block("not_concerned")
        missing = replace(asked, recipient="police", reason="missing_child")
        assert decide(POLICY, missing, takes_part, TODAY) == Permit()
        assert decide(POLICY, missing, takes_part, date(2025, 12, 31)) == Block("not_concerned")

    def test_of_an_erased_case_nothing_but_its_recall_leaves(self) -> None:
        erased = replace(ALL, erased=True, served=True, case_known=False)
        for part, purpose in PURPOSES.items():
            asked = replace(ASKED, part=part, purpose=purpose)
            assert (decide(POLICY, asked, erased, TODAY) == Permit()) == (part == "erasure")

    def test_a_case_that_is_not_erased_is_not_recalled_as_one(self) -> None:
        asked = replace(ASKED, part="erasure", purpose="erasure")
        assert decide(POLICY, asked, replace(ALL, served=True), TODAY) == Block("unknown_case")

    def test_where_consent_alone_would_open_anything_it_is_what_is_missing(self) -> None:
        shut = everybody(POLICY)
        asked = replace(ASKED, recipient="prosecution")
        assert decide(shut, asked, ALL, TODAY) == Block("no_consent")
        assert decide(shut, replace(ASKED, recipient="outreach_sender"), ALL, TODAY) == Block("no_policy")

    @pytest.mark.parametrize("part", PURPOSES)
    @pytest.mark.parametrize("service", [None, "accommodation", "contact_person", "unknown"])
    def test_what_carries_is_for_a_service_that_the_recipient_has_a_mandate_for(
        self, part: str, service: str | None
    ) -> None:
        recipient = "police" if part == "status" else "cmm"
        asked = replace(ASKED, part=part, purpose=PURPOSES[part], recipient=recipient)
        facts = replace(ALL, service=service, served=True, erased=part == "erasure")
        blocked = decide(POLICY, asked, facts, TODAY) == Block("no_mandate")
        assert blocked == (part in CARRYING and service in {"accommodation", "unknown"})

    def test_a_mandate_for_a_service_ends_with_its_day(self) -> None:
        ended = mandated_until(POLICY, "redcross", TODAY)
        facts = replace(ALL, service="health")
        assert isinstance(decide(ended, ASKED, facts, TODAY - timedelta(days=1)), Permit)
        assert decide(ended, ASKED, facts, TODAY) == Block("no_mandate")

    def test_only_groups_that_the_record_has_are_permitted(self) -> None:
        verdict = decide(
            POLICY, ASKED, replace(ALL, groups=frozenset({Group.IDENTITY, Group.NARRATIVE})), TODAY
        )
        assert isinstance(verdict, Permit)
        assert set(verdict.fields) == {Group.IDENTITY}

    @given(
        asked=requests(),
        facts=st.builds(
            Facts,
            st.booleans(),
            st.booleans(),
            st.booleans(),
            st.frozensets(GROUPS),
            service=st.none() | st.sampled_from(sorted(SERVICES.codes)),
            child=st.booleans(),
            standing=st.lists(versions(), max_size=4).map(tuple),
        ),
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
        consented, grounded = opened(facts.standing, asked.recipient, asked.purpose, child=facts.child)
        visible = POLICY.visible(asked.recipient, on, consented=consented, grounded=grounded)
        for group, names in verdict.fields.items():
            assert set(project(values, names)) <= visible[group] <= POLICY.fields[group]
            assert group is Group.ROUTING or (asked.part == "content" and asked.accepted)


class TestBases:
    """By what it leaves."""

    @pytest.mark.parametrize(
        ("recipient", "changes", "child", "named"),
        [
            ("redcross", {}, False, ("consent:b-1:2",)),
            ("redcross", {"recipient": "cmm"}, False, ()),
            ("redcross", {"purpose": "treatment"}, False, ()),
            # Identity leaves for the Red Cross anyway, and perpetrator as far as it does.
            ("redcross", {"groups": ("identity", "perpetrator")}, False, ()),
            ("redcross", {}, True, ()),
            ("redcross", {"basis": "duty"}, True, ("duty:b-1:2",)),
            ("redcross", {"basis": "duty"}, False, ()),
            ("redcross", {"basis": "ground"}, False, ()),
            ("police", {"groups": ("child",)}, False, ()),
            ("police", {"groups": ("child",), "basis": "ground"}, False, ("ground:b-1:2",)),
            ("police", {"groups": ("child",), "basis": "duty"}, True, ("duty:b-1:2",)),
        ],
    )
    def test_names_what_opened_something_and_nothing_else(
        self, recipient: str, changes: dict[str, Any], child: bool, named: tuple[str, ...]
    ) -> None:
        said: dict[str, Any] = {"recipient": recipient, "groups": ("health", "narrative")} | changes
        standing = version(**said)
        facts = replace(ALL, standing=(standing,), child=child)
        verdict = decide(POLICY, replace(ASKED, recipient=recipient), facts, TODAY)
        assert isinstance(verdict, Permit)
        assert verdict.bases == named

    def test_names_all_of_them_in_order(self) -> None:
        consent, ground = (
            version(recipient="police"),
            version(recipient="police", basis="ground", consent="a-1"),
        )
        facts = replace(ALL, standing=(ground, consent))
        verdict = decide(POLICY, replace(ASKED, recipient="police"), facts, TODAY)
        assert isinstance(verdict, Permit)
        assert verdict.bases == ("consent:b-1:2", "ground:a-1:2")

    def test_of_a_group_that_the_record_has_not_nothing_is_named(self) -> None:
        facts = replace(ALL, standing=(version(groups=("health",)),), groups=frozenset({Group.NARRATIVE}))
        assert decide(POLICY, ASKED, facts, TODAY) == Permit()


class TestProject:
    """Field by field."""

    def test_a_field_that_is_not_listed_stays(self) -> None:
        values = {"first_name": "Zorabelle", "nickname": "Zo"}
        assert project(values, frozenset({"first_name"})) == {"first_name": "Zorabelle"}
