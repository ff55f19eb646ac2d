"""The state machine: every state with every fact, and any order of arrival."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet.referrals.adapters.rulesfile import load_rules
from stafet.referrals.domain.board import Ask, Board
from stafet.referrals.domain.choosing import choose
from stafet.referrals.domain.course import advance, decide
from stafet.referrals.domain.machines import REFERRAL
from stafet.referrals.domain.state import Answer, Delivery, Referral, Submission
from stafet.referrals.domain.telling import unknown
from stafet_schemas.referral import ReferralRefusedData, ReferralRoutedData
from tests.services.referrals.choices import asked
from tests.services.referrals.samples import NOON, answer, event_of, said, shown, state, status

RULES = load_rules()
ASK = asked(case="case-1")


def submission(receiver: str = "redcross", ask: Ask = ASK, at: Board | None = None) -> Submission:
    """Submit a referral, as it is decided by the rules that come with the hub."""
    choice = choose(receiver, ask, RULES, at or Board())
    rule = RULES.named(choice.rule)
    return Submission("case-1", "referral-1", "police", "POL-1", receiver, ask.service, rule, choice)


NOTICE = Delivery("case-1", "redcross", "notice", None)
CONTENT = Delivery("case-1", "redcross", "content", None)

STATES = {
    "routed": state("routed"),
    "delivered": state("routed", "delivered"),
    "accepted": state("routed", "delivered", "accepted"),
    "in_progress": state("routed", "delivered", "accepted", "in_progress"),
    "completed": state("routed", "delivered", "accepted", "in_progress", "completed"),
    "completed at once": state("routed", "delivered", "accepted", "completed"),
    "rejected": state("routed", "delivered", "rejected"),
    "refused": state("refused"),
}
FACTS: dict[str, Answer | Delivery] = {
    "notice": NOTICE,
    "accepted": answer("accepted"),
    "rejected": answer("rejected"),
    "in_progress": answer("in_progress"),
    "completed": answer("completed"),
}
# What each fact does in each state: the rungs it adds, `-` nothing, `!` refused as out of order.
TABLE = """
                   | notice    | accepted           | rejected           | in_progress | completed
routed             | delivered | delivered accepted | delivered rejected | !           | !
delivered          | -         | accepted           | rejected           | !           | !
accepted           | -         | -                  | !                  | in_progress | completed
in_progress        | -         | -                  | !                  | -           | completed
completed          | -         | -                  | !                  | -           | -
completed at once  | -         | -                  | !                  | !           | -
rejected           | -         | !                  | -                  | !           | !
refused            | -         | !                  | !                  | !           | !
"""
SAID = {
    "delivered": ["delivered", "routed police status delivered"],
    "accepted": ["accepted", "routed redcross content", "routed police status accepted"],
    "rejected": ["rejected no_capacity", "routed police status rejected no_capacity"],
    "in_progress": ["started", "routed police status in_progress"],
    "completed": ["completed", "routed police status completed"],
}
REFUSED = ["refused redcross out_of_order"]


def cells() -> list[tuple[str, str, str]]:
    """Take the table apart: state, fact, what happens."""
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in TABLE.splitlines() if line.strip()]
    return [(row[0], fact, cell) for row in rows for fact, cell in zip(head[1:], row[1:], strict=True)]


class TestDecide:
    def test_a_submission_that_a_rule_allows_becomes_a_notice(self) -> None:
        decision = decide(None, submission())

        assert decision.referral == state("routed")
        (effect,) = decision.effects
        assert effect.data == ReferralRoutedData(
            case="case-1",
            referral="referral-1",
            sender="police",
            placer="POL-1",
            recipient="redcross",
            part="notice",
            purpose="referral_notice",
            rule="routing-3/asylum_centre",
        )

    @pytest.mark.parametrize(
        ("submitted", "refused", "told"),
        [
            (submission("police"), "no_recipient", "not_reachable"),
            (submission("hotel"), "no_recipient", "not_reachable"),
            (submission(ask=asked(service="unknown")), "no_recipient", "not_reachable"),
            (submission(ask=asked(at=NOON.replace(year=2025))), "no_mandate", "outside_mandate"),
        ],
        ids=["receives nothing", "unknown receiver", "unknown service", "before the rules"],
    )
    def test_one_that_no_rule_allows_is_refused_and_told(
        self, submitted: Submission, refused: str, told: str
    ) -> None:
        decision = decide(None, submitted)

        assert decision.referral.rungs == ("refused",)
        assert said(decision) == [f"refused police {refused}", f"routed police status rejected {told}"]

    def test_the_hub_says_whom_it_chose_and_why(self) -> None:
        decision = decide(None, submission("hub", asked(residence="asylum_seeker")))

        assert decision.referral == state("routed")
        assert said(decision) == ["chosen mandate", "routed redcross notice"]

    def test_one_that_endangers_the_person_is_refused_and_another_proposed(self) -> None:
        feared = Board(dangers={("case-1", "redcross")})

        decision = decide(None, submission(ask=asked(residence="none", age_group="child"), at=feared))

        assert said(decision) == [
            "refused police no_recipient",
            "routed police status rejected safety_conflict",
            "reroute_proposed municipality",
        ]

    @pytest.mark.parametrize("known", STATES.values(), ids=STATES)
    def test_a_known_referral_is_not_routed_again(self, known: Referral) -> None:
        decision = decide(known, submission())

        assert (decision.referral, decision.effects) == (known, ())


class TestAdvance:
    @pytest.mark.parametrize(("where", "fact", "happens"), cells())
    def test_every_fact_in_every_state(self, where: str, fact: str, happens: str) -> None:
        known = STATES[where]
        rungs = happens.split() if happens not in {"-", "!"} else []

        decision = advance(known, FACTS[fact])

        assert decision.referral == replace(
            known, rungs=(*known.rungs, *rungs), taken=decision.referral.taken
        )
        assert said(decision) == (
            REFUSED if happens == "!" else [word for rung in rungs for word in SAID[rung]]
        )

    def test_the_table_names_every_state_and_every_fact(self) -> None:
        assert {(where, fact) for where, fact, _ in cells()} == {
            (where, fact) for where in STATES for fact in FACTS
        }

    @pytest.mark.parametrize("known", STATES.values(), ids=STATES)
    @pytest.mark.parametrize("rung", ["accepted", "rejected", "in_progress", "completed"])
    @pytest.mark.parametrize("agency", ["police", "shelter"])
    def test_only_the_receiver_answers(self, known: Referral, rung: str, agency: str) -> None:
        decision = advance(known, answer(rung, agency))

        assert decision.referral == known
        assert said(decision) == [f"refused {agency} wrong_agency"]

    def test_a_refusal_names_the_answer(self) -> None:
        (effect,) = advance(state("routed"), answer("completed")).effects

        assert effect.data == ReferralRefusedData(
            case="case-1",
            referral="referral-1",
            sender="police",
            placer="POL-1",
            agency="redcross",
            reason="out_of_order",
            message="rk-completed",
        )

    def test_an_answer_about_an_unknown_referral_is_refused(self) -> None:
        effect = unknown(answer("accepted"))

        assert effect.data == ReferralRefusedData(
            case="case-1",
            referral="referral-1",
            sender="unknown",
            placer="unknown",
            agency="redcross",
            reason="unknown_referral",
            message="rk-accepted",
        )

    def test_content_leaves_for_the_purpose_of_its_rule(self) -> None:
        asked = replace(state("routed"), purpose="formal_assessment")
        told = [each.data for each in advance(asked, answer("accepted")).effects]
        routed = [each for each in told if isinstance(each, ReferralRoutedData)]

        assert [each.purpose for each in routed if each.part == "content"] == ["formal_assessment"]

    @pytest.mark.parametrize("known", STATES.values(), ids=STATES)
    def test_content_that_landed_changes_nothing(self, known: Referral) -> None:
        decision = advance(known, CONTENT)

        assert (decision.referral, decision.effects) == (known, ())

    @pytest.mark.parametrize("where", STATES)
    @pytest.mark.parametrize("rung", ["delivered", "accepted", "rejected", "completed", None])
    def test_the_loop_closes_when_the_sender_has_the_end(self, where: str, rung: str | None) -> None:
        known = STATES[where]
        ends = {
            "completed": "completed",
            "completed at once": "completed",
            "rejected": "rejected",
            "refused": "rejected",
        }
        closes = rung is not None and ends.get(where) == rung

        decision = advance(known, status(rung))

        assert decision.referral == replace(known, closed=closes)
        assert said(decision) == ([f"loop_closed {rung}"] if closes else [])

    @pytest.mark.parametrize(
        "fact",
        [
            status("rejected", recipient="redcross"),
            status("rejected", lane="rk-1"),
            Delivery("case-1", "police", "content", "rejected"),
        ],
    )
    def test_it_does_not_close_by_a_message_to_somebody_or_about_something_else(self, fact: Delivery) -> None:
        known = STATES["rejected"]

        assert advance(known, fact).referral == known

    @pytest.mark.parametrize("fact", [*FACTS.values(), status("completed")])
    def test_a_closed_one_stays_closed(self, fact: Answer | Delivery) -> None:
        known = replace(STATES["completed"], closed=True)

        decision = advance(known, fact)

        assert decision.referral == known
        assert said(decision) == (REFUSED if fact == FACTS["rejected"] else [])

    @pytest.mark.parametrize(
        "fact", [Delivery("case-1", "police", "notice", None), Delivery("m-1", "redcross", "notice", None)]
    )
    def test_a_notice_to_somebody_else_is_not_delivered_to_the_receiver(self, fact: Delivery) -> None:
        assert advance(state("routed"), fact).referral == state("routed")


def told(known: Referral, facts: list[Answer | Delivery]) -> tuple[Referral, list[str]]:
    """Take facts in one by one; return the end and everything that was said."""
    everything: list[str] = []
    for fact in facts:
        decision = advance(known, fact)
        known = decision.referral
        everything += [shown(event_of(each.kind, each.data)) for each in decision.effects]
    return known, everything


LADDERS = [
    ["accepted", "in_progress", "completed"],
    ["accepted", "completed"],
    ["accepted"],
    ["rejected"],
    [],
]


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[str], list[Answer | Delivery]]:
    """Draw a partner's answers in its own order, some repeated later, and the notice's delivery anywhere."""
    ladder = draw(st.sampled_from(LADDERS))
    facts: list[Answer | Delivery] = [answer(rung) for rung in ladder]
    for _ in range(draw(st.integers(0, 3)) if facts else 0):
        first = draw(st.integers(0, len(facts) - 1))
        facts.insert(draw(st.integers(first + 1, len(facts))), facts[first])
    for _ in range(draw(st.integers(1, 2))):
        facts.insert(draw(st.integers(0, len(facts))), NOTICE)
    return ladder, facts


class TestAnyOrder:
    @given(arrivals())
    def test_whatever_overtakes_ends_the_same_and_each_rung_is_told_once_in_order(
        self, drawn: tuple[list[str], list[Answer | Delivery]]
    ) -> None:
        ladder, facts = drawn

        known, everything = told(state("routed"), facts)

        assert known.rungs == ("routed", "delivered", *ladder)
        assert everything == [word for rung in ["delivered", *ladder] for word in SAID[rung]]

    @given(st.lists(st.sampled_from([*FACTS.values(), CONTENT, status("completed"), status("rejected")])))
    def test_no_sequence_at_all_climbs_twice_or_lets_content_go_unaccepted(
        self, facts: list[Answer | Delivery]
    ) -> None:
        known, everything = told(state("routed"), facts)

        climbed = [word for rung in known.rungs[1:] for word in SAID[rung]]
        assert [
            word
            for word in everything
            if word not in {*REFUSED, "loop_closed completed", "loop_closed rejected"}
        ] == climbed
        allowed = {pair for move in REFERRAL.moves.values() for pair in move.items()}
        assert set(zip(known.rungs, known.rungs[1:], strict=False)) <= allowed
        assert sum(word.startswith("loop_closed") for word in everything) == known.closed
