"""Random lives of a referral: whoever says what, in any order, again or late."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from stafet.referrals.domain.course import advance
from stafet.referrals.domain.ending import case_closed, case_erased, unconsented
from stafet.referrals.domain.machines import AGREED, HANDOVER, MACHINES, OPEN, REFERRAL
from stafet.referrals.domain.parties import MAY
from stafet.referrals.domain.reported import reported
from stafet.referrals.domain.silence import breached, warned
from stafet.referrals.domain.state import Answer, Decision, Delivery, Referral, Refusal
from stafet.referrals.domain.telling import TOLD
from stafet_schemas.referral import ReferralRoutedData
from tests.services.referrals.samples import state
from tests.services.referrals.test_steps import TestRedirected

ALLOWED = {pair for move in REFERRAL.moves.values() for pair in move.items()}
AGENCIES = st.sampled_from(["police", "redcross", "shelter", "cmm"])
REASONS = st.sampled_from(["unknown", "no_capacity", "renovating"])


class AnyLife(RuleBasedStateMachine):
    """One referral, connected or not, that everybody talks about at once."""

    @initialize(channel=st.sampled_from(["hub", "phone"]))
    def begin(self, channel: str) -> None:
        """Submit it."""
        begun = state("routed" if channel == "hub" else "logged")
        self.known: Referral = replace(begun, channel=channel, facts=TestRedirected.FACTS)
        self.steps = 0
        self.said: list[Answer] = []
        self.told: list[ReferralRoutedData] = []

    @rule(
        step=st.sampled_from(sorted(MAY)), agency=AGENCIES, behalf=st.none() | AGENCIES,
        connected=st.booleans(), reason=REASONS,
    )  # fmt: skip
    def say(self, step: str, agency: str, behalf: str | None, *, connected: bool, reason: str) -> None:
        """Let somebody report a step."""
        self.steps += 1
        answer = Answer("case-1", "referral-1", agency, f"m-{self.steps}", step, reason)
        self.said.append(replace(answer, behalf=behalf, connected=connected, party="shelter"))
        self.take(self.said[-1])

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """Say something again, as it was said."""
        if self.said:
            before, answer = self.known, data.draw(st.sampled_from(self.said))
            if answer.message in before.taken:
                self.take(answer)
                assert self.known == before

    @rule(part=st.sampled_from(["notice", "content", "status"]), recipient=AGENCIES)
    def deliver(self, part: str, recipient: str) -> None:
        """Let something be delivered."""
        self.keep(advance(self.known, Delivery("case-1", recipient, part, self.known.outcome)))

    @rule(
        clock=st.sampled_from(["referral_answer", "referral_info", "referral_hold"]),
        deadline=st.sampled_from(["d-1", "d-2"]), breach=st.booleans(),
    )  # fmt: skip
    def wait(self, clock: str, deadline: str, *, breach: bool) -> None:
        """Let a deadline come near, or pass."""
        if breach:
            self.keep(breached(self.known, clock, deadline, ("shelter",)))
        else:
            self.keep(warned(self.known, clock, deadline, "a"))

    @rule(how=st.sampled_from([case_closed, case_erased]))
    def close(self, how: Callable[[Referral, str], Decision]) -> None:
        """Let the case end."""
        self.keep(how(self.known, "e-1"))

    @rule()
    def withdraw_consent(self) -> None:
        """Let the person take the consent back."""
        self.keep(unconsented(self.known, "e-2", ("redcross",), ("support",)))

    def take(self, answer: Answer) -> None:
        """Take a step in: a fact, a refusal, or nothing because it is known."""
        before = self.known
        taken = reported(before, answer, None, ())
        if isinstance(taken, Refusal):
            assert taken.reason in {"wrong_agency", "out_of_order", "impossible"}
            return
        self.keep(taken)
        if taken.effects:
            assert answer.message in self.known.taken
        else:
            assert self.known == before
            known_step = answer.message in before.taken or answer.rung in HANDOVER.moves
            reached = REFERRAL.moves.get(answer.rung, {}).values()
            assert known_step or not set(before.rungs).isdisjoint(reached)

    def keep(self, decision: Decision) -> None:
        """Keep what follows."""
        routed = [each.data for each in decision.effects if isinstance(each.data, ReferralRoutedData)]
        moved = decision.referral.rungs[len(self.known.rungs) :]
        assert decision.effects or not moved
        self.told += routed
        self.known = decision.referral

    @invariant()
    def no_state_is_illegal(self) -> None:
        """Every state follows from the one before by the table, and has an owner until the end."""
        rungs = self.known.rungs
        assert set(pairwise(rungs)) <= ALLOWED
        assert (self.known.owner is not None) == (self.known.state in OPEN)
        assert rungs.count("accepted") <= 1

    @invariant()
    def content_goes_once_and_after_a_yes_only(self) -> None:
        """Nothing personal is let go before the receiver has accepted."""
        content = [each for each in self.told if each.part == "content"]
        connected = self.known.channel == "hub"
        assert len(content) == (connected and "accepted" in self.known.rungs)

    @invariant()
    def the_sender_learns_every_rung_that_it_is_to_learn(self) -> None:
        """The last status is where it stands."""
        statuses = [each.rung for each in self.told if each.part == "status"]
        ended = self.known.outcome
        if ended is not None and self.known.facts:
            assert statuses[-1:] == [ended]
        assert set(statuses) <= set(TOLD.values())

    @invariant()
    def a_case_is_owned_after_a_yes_only(self) -> None:
        """Handing over goes by its own table."""
        if self.known.handover == "handover_accepted":
            assert not set(AGREED).isdisjoint(self.known.rungs)


TestAnyLife = AnyLife.TestCase


class TestMachines:
    def test_every_state_can_be_reached_and_every_open_one_left(self) -> None:
        assert {each.name for each in MACHINES} == {"referral", "handover"}
        assert REFERRAL.states - REFERRAL.ends == set(OPEN)
        reached = {""}
        for _ in REFERRAL.states:
            reached |= {after for before, after in ALLOWED if before in reached}
        assert reached == REFERRAL.states | {""}
