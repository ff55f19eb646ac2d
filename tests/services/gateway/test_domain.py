"""What the gateway decides, by tables."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet.gateway.domain import (
    ANSWERS,
    LONGEST_NAME,
    MOST,
    Arrival,
    Kept,
    answer_to,
    answered,
    check_codes,
    message_name,
    problems,
    seal_context,
    submitted,
)
from stafet_runtime.vaultport import StoredRecord
from stafet_schemas.codec import MAX_DATA_BYTES
from stafet_schemas.groups import CODED, VAULT_ONLY, Group
from stafet_schemas.inbound import MessageRejectedData
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Accepted
from stafet_sdk.draft import AnswerDraft, Fields, ReferralDraft, Value
from stafet_sdk.errors import InboundRefused, MappingError
from tests.services.gateway.samples import draft_of

ARRIVAL = Arrival("police", "m-1", b"key", "receipt-2", b"one", b"sealed", NOW)
STORED = StoredRecord("case-1", "record-1", 1, ("routing",), "9f2b")
ROUTING: Fields = {"service": "health", "priority": "urgent", "age_group": "adult", "sex": "other"}
COMMON = {"case": "case-1", "agency": "redcross", "message": "m-2"}


class TestAnswerTo:
    def test_gives_a_new_message_its_receipt(self) -> None:
        kept = Kept(b"one", "receipt-2", NOW, fresh=True)
        assert answer_to(ARRIVAL, kept) == Accepted("m-1", "receipt-2", NOW, again=False)

    def test_gives_a_repetition_the_first_receipt_and_its_time(self) -> None:
        before = NOW - timedelta(hours=1)
        kept = Kept(b"one", "receipt-1", before, fresh=False)
        assert answer_to(ARRIVAL, kept) == Accepted("m-1", "receipt-1", before, again=True)

    def test_refuses_other_content_under_the_same_id(self) -> None:
        outcome = answer_to(ARRIVAL, Kept(b"two", "receipt-1", NOW, fresh=False))
        assert isinstance(outcome, InboundRefused)
        assert (outcome.code, outcome.status) == ("conflict", 409)

    @pytest.mark.parametrize(("content", "said"), [(b"one", ("erased", 410)), (b"two", ("conflict", 409))])
    def test_refuses_a_message_whose_case_was_erased(self, content: bytes, said: tuple[str, int]) -> None:
        outcome = answer_to(ARRIVAL, Kept(content, None, None, fresh=False))
        assert isinstance(outcome, InboundRefused)
        assert (outcome.code, outcome.status) == said


class TestSealContext:
    def test_binds_to_agency_and_receipt(self) -> None:
        assert seal_context("police", "receipt-1") == b"police/receipt-1"


class TestMessageName:
    def test_is_of_one_agency(self) -> None:
        assert message_name("police", "m-1") == b"message id\0police/m-1" != message_name("redcross", "m-1")


class TestCheckCodes:
    def test_lets_codes_pass_known_or_not(self) -> None:
        draft = draft_of({Group.ROUTING: {**ROUTING, "service": "not_on_the_list"}})
        for each in (draft, draft_of({})):
            check_codes(each)
        data = submitted(draft, STORED, referral="r-1", sender="police", placer="m-1")
        assert (data.service, data.priority) == ("not_on_the_list", "urgent")

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({Group.ROUTING: {"language": "Gaxipypuno"}}, "routing.language"),
            ({Group.ROUTING: {"service": "a bed"}}, "routing.service"),
            ({Group.ROUTING: {"sex": True}}, "routing.sex"),
            ({Group.ROUTING: {"priority": ["acute"]}}, "routing.priority"),
            ({Group.RESIDENCE: {"status": "since 2009"}}, "residence.status"),
            ({Group.ROUTING: {"operation": "the raid on Mr X's camp"}}, "routing.operation"),
            ({Group.ROUTING: {"operation": True}}, "routing.operation"),
            ({Group.EXPLOITATION: {"types": ["sexual", "by Mr X"]}}, "exploitation.types"),
            (
                {Group.EXPLOITATION: {"types": [f"a{number}" for number in range(MOST + 1)]}},
                "exploitation.types",
            ),
        ],
    )
    def test_names_the_field_of_what_is_none(self, values: dict[Group, Fields], field: str) -> None:
        with pytest.raises(MappingError) as caught:
            check_codes(draft_of(values))
        assert caught.value.problems == ((field, "not a code"),)

    def test_wants_an_agency_for_a_receiver(self) -> None:
        with pytest.raises(MappingError, match=r"^receiver: not a code$"):
            check_codes(ReferralDraft("ref", "Red Cross, Ms Jensen", {}))


class TestSubmitted:
    def test_says_unknown_where_the_draft_says_nothing(self) -> None:
        data = submitted(draft_of({}), STORED, referral="r-1", sender="police", placer="m-1")
        assert (data.service, data.residence, data.language) == ("unknown",) * 3
        assert (data.interpreter, data.risk, data.exploitation) == (False, False, ())

    @pytest.mark.parametrize("operation", ["raid_padborg", "0192f3a0-0000-7000-8000-000000000001", None])
    def test_names_the_joint_action_by_its_code_or_id(self, operation: str | None) -> None:
        draft = draft_of({Group.ROUTING: {"operation": operation}})
        check_codes(draft)
        data = submitted(draft, STORED, referral="r-1", sender="police", placer="m-1")
        assert data.operation == operation

    def test_says_each_form_of_exploitation_once(self) -> None:
        values: dict[Group, Fields] = {Group.EXPLOITATION: {"types": ["sexual", "begging"] * 40_000}}
        check_codes(draft_of(values))
        data = submitted(draft_of(values), STORED, referral="r-1", sender="police", placer="m-1")
        assert data.exploitation == ("sexual", "begging")

    @given(
        st.dictionaries(
            st.sampled_from([*VAULT_ONLY, *(CODED - {Group.ROUTING, Group.RESIDENCE, Group.EXPLOITATION})]),
            st.dictionaries(
                st.sampled_from(["first_name", "text", "service", "status", "types", "sex"]),
                st.one_of(st.uuids().map(str), st.lists(st.uuids().map(str))),
            ),
        )
    )
    def test_holds_nothing_of_other_groups(self, others: dict[Group, dict[str, Value]]) -> None:
        values: dict[Group, Fields] = {**others, Group.ROUTING: ROUTING}
        data = submitted(draft_of(values), STORED, referral="r-1", sender="police", placer="m-1")
        alone = submitted(
            draft_of({Group.ROUTING: ROUTING}), STORED, referral="r-1", sender="police", placer="m-1"
        )
        assert data == alone


class TestAnswered:
    @pytest.mark.parametrize("rung", sorted(ANSWERS))
    def test_has_an_event_for_every_rung(self, rung: str) -> None:
        kind, data = answered(AnswerDraft("r-1", rung, "other", "RK-1"), **COMMON)
        assert kind.short_name() == f"delivery.{rung}"
        assert data.model_dump(exclude={"reason"}) == {
            "lane": "case-1", "referral": "r-1", "agency": "redcross", "message": "m-2", "warnings": (),
        }  # fmt: skip

    def test_keeps_warnings_that_are_codes(self) -> None:
        draft = AnswerDraft("r-1", "accepted", warnings=("manual_check", "Gaxipypuno ringer"))
        assert answered(draft, **COMMON)[1].warnings == ("manual_check",)

    @pytest.mark.parametrize(("reason", "said"), [("not_on_the_list", "not_on_the_list"), (None, "unknown")])
    def test_keeps_a_reason_as_it_came(self, reason: str | None, said: str) -> None:
        _, data = answered(AnswerDraft("r-1", "rejected", reason), **COMMON)
        assert json.loads(data.model_dump_json())["reason"] == said

    def test_takes_no_sentence_for_a_reason(self) -> None:
        with pytest.raises(MappingError, match=r"^reason: not a code$"):
            answered(AnswerDraft("r-1", "rejected", "she did not like it"), **COMMON)


class TestProblems:
    def test_lists_each_once_and_in_order(self) -> None:
        error = MappingError(("b", "missing"), ("a", "missing"), ("b", "missing"), ("b", "unknown code"))
        assert [(each.field, each.problem) for each in problems(error)] == [
            ("b", "missing"), ("a", "missing"), ("b", "unknown code"),
        ]  # fmt: skip

    def test_fit_an_event_however_many_there_are(self) -> None:
        told = problems(MappingError(*((f"field{number}" * 50, "x" * 900) for number in range(9_000))))
        assert len(told) == MOST + 1
        assert told[-1].problem == f"{9_000 - MOST} more problems"
        assert max(len(each.field) for each in told) == LONGEST_NAME
        data = MessageRejectedData(agency="police", message="m-1", problems=told)
        assert len(data.model_dump_json()) < MAX_DATA_BYTES
