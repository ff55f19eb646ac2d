"""Who gets a referral: by mandate, safety, room, language and queue, in that order."""

from datetime import date, timedelta

import pytest

from stafet.referrals.adapters.rulesfile import load_rules
from stafet.referrals.domain.board import OPEN, TAKEN, Ask, Board, Routing, Unit
from stafet.referrals.domain.choosing import HUB, candidates, choose
from stafet.referrals.domain.routing import Rules
from tests.services.referrals.choices import ASK, asked, board, rule, rules, unit
from tests.services.referrals.samples import NOON

SHIPPED = load_rules()
BEFORE = NOON - timedelta(days=1)
MEN, WOMEN = frozenset({"male"}), frozenset({"female"})
HOUSES = rules(rule("shelter", report_hours=24), rule("redcross", report_hours=24))


def order(ask: Ask, by: Rules, on: Board) -> list[str]:
    """Name the candidates, the best first."""
    return [each.receiver for each in candidates(ask, by, on)]


class TestNamed:
    def test_a_receiver_with_a_mandate_gets_it_full_or_not(self) -> None:
        choice = choose("shelter", ASK, HOUSES, board(unit("shelter", free=0)))

        assert choice.rule is HOUSES.rules[0]
        assert (choice.receiver, choice.reason, choice.unit) == ("shelter", "named", "house")

    @pytest.mark.parametrize(
        ("receiver", "ask", "why"),
        [
            ("hotel", ASK, "no_recipient"),
            ("shelter", asked(service="health"), "no_recipient"),
            ("shelter", asked(at=NOON.replace(year=2025)), "no_mandate"),
            ("shelter", asked(age_group="child"), "no_mandate"),
        ],
        ids=["unknown", "another service", "before its first day", "not for children"],
    )
    def test_one_without_a_mandate_does_not(self, receiver: str, ask: Ask, why: str) -> None:
        choice = choose(receiver, ask, rules(rule("shelter", serves=["adult"])), Board())

        assert (choice.rule, choice.reason) == (None, why)

    @pytest.mark.parametrize(
        ("day", "why"),
        [
            ((2026, 3, 31, 21, 59), "named"),
            ((2026, 3, 31, 22, 0), "no_mandate"),
            ((2026, 4, 1, 0, 0), "no_mandate"),
        ],
    )
    def test_a_mandate_ends_with_the_day_in_denmark(self, day: tuple[int, ...], why: str) -> None:
        until = rules(rule("shelter", valid_to=date(2026, 4, 1)))
        year, month, number, hour, minute = day
        ask = asked(at=NOON.replace(year=year, month=month, day=number, hour=hour, minute=minute))

        assert choose("shelter", ask, until, Board()).reason == why

    def test_one_that_endangers_the_person_is_refused_and_others_are_proposed(self) -> None:
        everybody = board(unit("shelter"), unit("redcross"))
        everybody.dangers.add((ASK.case, "shelter"))

        choice = choose("shelter", ASK, HOUSES, everybody)

        assert (choice.rule, choice.reason, choice.others) == (None, "safety_conflict", ("redcross",))
        assert choose("shelter", asked(case="case-2"), HOUSES, everybody).reason == "named"


class TestCandidates:
    @pytest.mark.parametrize(
        ("units", "best"),
        [
            ([unit("shelter"), unit("redcross")], ["shelter", "redcross"]),
            ([unit("shelter", free=0), unit("redcross")], ["redcross"]),
            ([unit("shelter", free=None), unit("redcross", free=0)], ["shelter"]),
            ([unit("shelter", status="waitlist"), unit("redcross")], ["redcross", "shelter"]),
            ([unit("shelter", status="additional_assessment_required")], ["shelter"]),
            ([unit("shelter", status="no_capacity"), unit("redcross")], ["redcross"]),
            ([unit("shelter", hours_ago=24), unit("redcross", hours_ago=24.1)], ["shelter"]),
            ([unit("shelter", waiting=2), unit("redcross", waiting=1)], ["redcross"]),
            ([unit("shelter", taken=(NOON,) * 2), unit("redcross", taken=(BEFORE,) * 2)], ["redcross"]),
            ([unit("shelter", accepts=MEN), unit("redcross", accepts=WOMEN)], ["redcross"]),
            ([], []),
        ],
        ids=[
            "a tie goes by the rules", "full", "places not counted", "free places before a list",
            "only a list", "says no", "an old report", "spoken for", "taken since", "for others", "silent",
        ],
    )  # fmt: skip
    def test_room_is_what_was_reported_less_what_was_sent(self, units: list[Unit], best: list[str]) -> None:
        assert order(ASK, HOUSES, board(*units)) == best

    @pytest.mark.parametrize(
        ("changes", "ask", "fits"),
        [
            ({"sexes": ["male"]}, ASK, False),
            ({"sexes": ["male"]}, asked(sex="male"), True),
            ({"residence": ["asylum_seeker"]}, ASK, False),
            ({"residence": ["unknown"]}, asked(residence="unknown"), True),
            ({"languages": ["ron"]}, ASK, True),
            ({"languages": ["ron"]}, asked(interpreter=True), False),
            ({"languages": ["ron", "tha"]}, asked(interpreter=True), True),
            ({}, asked(interpreter=True, language="tlh"), True),
            ({"serves": ["child"]}, ASK, False),
            ({"serves": ["child"]}, asked(age_group="unknown"), True),
            ({"chosen": False}, ASK, False),
            ({"valid_to": date(2026, 11, 24)}, ASK, False),
            ({"services": ["health"]}, ASK, False),
        ],
    )
    def test_a_rule_that_does_not_fit_makes_no_candidate(
        self, changes: dict[str, object], ask: Ask, fits: bool
    ) -> None:
        assert (order(ask, rules(rule("shelter", **changes)), Board()) == ["shelter"]) is fits

    def test_then_who_is_connected_then_the_shortest_queue_then_the_order_of_the_rules(self) -> None:
        four = rules(rule("health", channel="phone"), rule("refuge"), rule("shelter"), rule("redcross"))

        assert order(ASK, four, board(refuge=1, shelter=1)) == ["redcross", "refuge", "shelter", "health"]

    def test_who_takes_all_ages_before_who_takes_one_if_nobody_knows_the_age(self) -> None:
        two = rules(rule("shelter", serves=["adult"]), rule("redcross"))

        assert order(asked(age_group="unknown"), two, Board()) == ["redcross", "shelter"]

    def test_neither_the_sender_nor_who_endangers_the_person_nor_who_had_it(self) -> None:
        four = rules(rule("police"), rule("shelter"), rule("redcross"), rule("refuge"))
        feared = Board(dangers={(ASK.case, "shelter"), ("case-2", "redcross")})

        found = candidates(ASK, four, feared, without=["refuge"])

        assert [each.receiver for each in found] == ["redcross"]


class TestHub:
    def test_the_best_gets_it_and_the_choice_says_why(self) -> None:
        choice = choose(HUB, ASK, HOUSES, board(unit("shelter", "b"), unit("shelter", "a", free=1)))

        assert (choice.receiver, choice.unit, choice.reason) == ("shelter", "a", "free_places")

    def test_nobody_has_room_so_the_coordinator_has_it(self) -> None:
        with_one = rules(*HOUSES.rules, rule("cmm", chosen=False, channel="phone"), coordinator="cmm")

        choice = choose(HUB, ASK, with_one, board(unit("shelter", free=0)))

        assert (choice.receiver, choice.reason) == ("cmm", "no_capacity")
        assert choice.rule is with_one.rules[-1]

    def test_without_a_coordinator_that_may_have_it_it_is_refused(self) -> None:
        feared = Board(dangers={(ASK.case, "cmm")})
        with_one = rules(rule("cmm", chosen=False), coordinator="cmm")

        assert choose(HUB, ASK, HOUSES, Board()).reason == "no_recipient"
        assert choose(HUB, ASK, with_one, feared).reason == "no_recipient"
        assert choose(HUB, asked(service="unknown"), with_one, Board()).reason == "no_recipient"

    @pytest.mark.parametrize(
        ("changes", "receiver"),
        [
            ({"residence": "asylum_seeker"}, "redcross"),
            ({"residence": "asylum_seeker", "sex": "male"}, "redcross"),
            ({"residence": "none"}, "shelter"),
            ({"residence": "unknown"}, "shelter"),
            ({"residence": "lawful", "sex": "male"}, "cmm"),
            ({"residence": "none", "age_group": "child"}, "redcross"),
            ({"residence": "lawful", "age_group": "child"}, "municipality"),
            ({"service": "identification", "residence": "none"}, "immigration"),
            ({"service": "identification", "residence": "asylum_seeker"}, "immigration"),
            ({"service": "identification", "residence": "lawful"}, "cmm"),
            ({"service": "protection"}, "cmm"),
            ({"service": "protection", "sender": "redcross"}, "police"),
            ({"service": "prepared_return"}, "cmm"),
            ({"service": "representation", "age_group": "child"}, "family_court"),
            ({"service": "legal_aid"}, "legal_aid"),
        ],
    )
    def test_the_rules_that_come_with_the_hub(self, changes: dict[str, object], receiver: str) -> None:
        houses = board(unit("shelter", accepts=frozenset({"female"})))

        assert choose(HUB, asked(**changes), SHIPPED, houses).receiver == receiver


class TestBoard:
    def test_an_older_report_changes_nothing_and_a_newer_one_keeps_what_waits(self) -> None:
        known = board(unit("shelter", waiting=1, taken=(NOON,)))

        assert known.report(unit("shelter", hours_ago=2, free=9)) is None
        newer = known.report(unit("shelter", hours_ago=-1, free=9))

        assert newer is not None
        assert (newer.free, newer.spoken_for) == (9, 1)

    def test_a_place_is_spoken_for_until_it_is_released_or_reported(self) -> None:
        known = board(unit("shelter"))
        sent = Routing("r-1", "shelter", "house", ASK, NOON)

        known.count(sent, "")
        assert (known.units["shelter", "house"].spoken_for, known.queues["shelter"]) == (1, 1)
        known.count(Routing("r-1", "shelter", "house", ASK, NOON, TAKEN), OPEN)
        assert (known.units["shelter", "house"].spoken_for, known.queues["shelter"]) == (1, 0)
        known.report(unit("shelter", hours_ago=-1))
        assert known.units["shelter", "house"].spoken_for == 0
