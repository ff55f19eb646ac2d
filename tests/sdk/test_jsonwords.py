"""Tables of words: what they read, what they refuse by name, and that they lose nothing."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from stafet_schemas.groups import Group
from stafet_sdk.certification.releases import REFERRAL, releases
from stafet_sdk.draft import AnswerDraft, ConsentDraft, ReferralDraft
from stafet_sdk.errors import MappingError, NoWord
from stafet_sdk.jsonwords import Words

WORDS = Words(
    answers={"yes": "accepted", "no": "rejected"},
    withdrawn="stop",
    refers="please_help",
    asked=("routing.service",),
    parts={"notice": "asked", "content": "told", "status": "sorry"},
    statuses={"parse_rejected": "unreadable"},
    names={
        "referral": "case", "reason": "why", "receiver": "to", "routing.service": "need",
        "identity.first_name": "name", "exploitation.types": "what", "routing.interpreter": "interpreter",
    },
    codes={
        "reason": {"no_capacity": "full"}, "routing.service": {"accommodation": "bed"},
        "exploitation.types": {"forced_labour": "work"}, "receiver": {"redcross": "RK"},
    },
)  # fmt: skip
HELP = {"type": "please_help", "reference": "T-9", "to": "RK", "need": "bed"}


def problems(said: dict[str, object]) -> set[tuple[str, str]]:
    """Read what cannot be used; what is wrong with it."""
    with pytest.raises(MappingError) as caught:
        WORDS.read(said)
    return set(caught.value.problems)


class TestReading:
    def test_an_answer_is_read_in_our_codes(self) -> None:
        said = {"type": "no", "case": REFERRAL, "why": "full", "reference": "R-1"}
        assert WORDS.read(said) == AnswerDraft(REFERRAL, "rejected", "no_capacity", "R-1")

    def test_a_word_about_consent_is_read(self) -> None:
        assert WORDS.read({"type": "stop", "case": REFERRAL}) == ConsentDraft("withdrawn", referral=REFERRAL)

    def test_a_referral_of_its_own_is_read_by_group(self) -> None:
        said = {**HELP, "name": "Zuzanna", "what": ["work", "begging"], "interpreter": True, "mood": "low"}
        assert WORDS.read(said) == ReferralDraft(
            "T-9",
            "redcross",
            {
                Group.ROUTING: {"service": "accommodation", "interpreter": True},
                Group.IDENTITY: {"first_name": "Zuzanna"},
                Group.EXPLOITATION: {"types": ["forced_labour", "begging"]},
            },
        )

    @pytest.mark.parametrize("operation", ["raid_padborg", "0192f3a0-0000-7000-8000-000000000001"])
    def test_a_referral_may_name_its_joint_action(self, operation: str) -> None:
        words = replace(WORDS, names={**WORDS.names, "routing.operation": "action"})
        draft = words.read({**HELP, "action": operation})
        assert isinstance(draft, ReferralDraft)
        assert draft.values[Group.ROUTING]["operation"] == operation

        with pytest.raises(MappingError) as caught:
            words.read({**HELP, "action": "the raid on the camp"})
        assert [field for field, _ in caught.value.problems] == ["action"]

    @pytest.mark.parametrize(
        ("said", "wrong"),
        [
            ({"type": "maybe"}, {("type", "unknown")}),
            ({}, {("type", "unknown")}),
            ({"type": ["yes"]}, {("type", "unknown")}),
            ({"type": "yes"}, {("case", "missing")}),
            ({"type": "no", "case": "17"}, {("case", "malformed"), ("why", "missing")}),
            ({"type": "no", "case": REFERRAL, "why": "There is no room"}, {("why", "malformed")}),
            ({"type": "yes", "case": REFERRAL, "reference": "ask Ms Hansen"}, {("reference", "malformed")}),
            ({"type": "please_help"}, {("reference", "missing"), ("to", "missing"), ("need", "missing")}),
            ({**HELP, "to": "Red Cross"}, {("to", "malformed")}),
            ({**HELP, "need": {"bed": 1}}, {("need", "malformed")}),
            ({**HELP, "name": {"first": "Zuzanna"}}, {("name", "malformed")}),
            ({**HELP, "name": ["Zuzanna", 7]}, {("name", "malformed")}),
            ({**HELP, "what": ["work", "She was told to lie."]}, {("what", "malformed")}),
        ],
    )
    def test_all_that_is_missing_or_malformed_is_named(
        self, said: dict[str, object], wrong: set[tuple[str, str]]
    ) -> None:
        assert problems(said) == wrong


class TestWording:
    def test_what_has_no_word_is_not_said(self) -> None:
        worded: dict[str, bool] = {}
        for release in releases("tax", frozenset(), frozenset({"parse_rejected", "completed"})):
            try:
                worded[f"{release.part} {release.rung or ''}".strip()] = bool(WORDS.word(release))
            except NoWord:
                worded[f"{release.part} {release.rung or ''}".strip()] = False
        assert worded == {
            "notice": True, "content": True, "reminder": False, "revocation withdrawn": False,
            "withdrawal": False, "erasure": False, "alert warned": False,
            "status completed": False, "status parse_rejected": True,
        }  # fmt: skip

    def test_an_alert_says_of_which_referrals_and_by_when(self) -> None:
        told = next(each for each in releases("tax", frozenset(), frozenset()) if each.part == "alert")
        words = Words(parts={"alert": "hurry"}, names={"due": "before", "rung": "how"})
        assert words.word(told) == {
            "type": "hurry", "id": told.delivery, "how": "warned", "reason": "period_end", "purpose": "alert",
            "before": "2026-12-24T23:00:00+00:00", "referrals": [REFERRAL],
        }  # fmt: skip

    def test_a_notice_with_more_than_routing_facts_is_a_bug(self) -> None:
        notice, content, *_ = releases("tax", frozenset({Group.IDENTITY}), frozenset())
        with pytest.raises(ValueError, match="a notice with values that it must not have"):
            WORDS.word(replace(notice, values=content.values))

    def test_two_fields_never_share_a_name(self) -> None:
        clashing = Words(parts={"content": "told"}, names={"identity.first_name": "identity_last_name"})
        _, content, *_ = releases("tax", frozenset({Group.IDENTITY}), frozenset())
        with pytest.raises(ValueError, match="two fields with one name"):
            clashing.word(content)


class TestTables:
    @pytest.mark.parametrize(
        ("table", "said"),
        [
            (lambda: Words(names={"identiy.first_name": "name"}), "identiy.first_name"),
            (lambda: Words(names={"refferal": "case"}), "refferal"),
            (lambda: Words(names={"identity.": "name"}), "identity."),
            (lambda: Words(parts={"rumour": "x"}), "rumour"),
            (lambda: Words(statuses={"lost": "x"}), "lost"),
            (lambda: Words(answers={"x": "delivered"}), "delivered"),
            (lambda: Words(asked=("identity",)), "identity"),
            (lambda: Words(names={"id": "x", "reason": "x"}), "names: one word for two things"),
            (lambda: Words(codes={"reason": {"other": "x", "full": "x"}}), "reason: one word for two things"),
        ],
    )
    def test_what_could_never_work_is_refused_at_once(self, table: Callable[[], Words], said: str) -> None:
        with pytest.raises(ValueError, match=said):
            table()
