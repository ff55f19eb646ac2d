import dataclasses
import json
from pathlib import Path

import pytest

from stafet_cli.demo import records as lines
from stafet_cli.demo.report import progress_line
from stafet_connectors.police.simulator_plan import FAULTS
from stafet_schemas import delivery, inbound, referral
from tests.cli.demo.played import Played, whole

KEYS = (
    "submitted accepted rejected delivered answered closed lost duplicates inversions leaks "
    "p50_ms p99_ms seconds disclosures_made disclosures_blocked withdrawn_before_sending ledger_verified "
    "effect_p50_ms effect_p99_ms agencies"
)


class TestWholeDemo:
    def test_is_counted_and_passes(self) -> None:
        judged = whole().judge()

        assert judged.problems == ()
        assert judged.ok
        counts = dataclasses.asdict(judged.report)
        del counts["agencies"]
        assert counts == {
            "submitted": 16, "accepted": 9, "rejected": 10, "delivered": 6, "answered": 6, "closed": 6,
            "lost": 0, "duplicates": 0, "inversions": 0, "leaks": 0, "p50_ms": 44.0, "p99_ms": 45.0,
            "seconds": 3.2, "disclosures_made": 11, "disclosures_blocked": 0, "withdrawn_before_sending": 1,
            "ledger_verified": 40, "effect_p50_ms": 10.0, "effect_p99_ms": 10.0,
        }  # fmt: skip
        assert judged.recalled == 1

    def test_says_why_messages_were_rejected(self) -> None:
        assert whole().judge().reasons == {
            "FEJLET": 3, "doctype": 1, "malformed": 1, "signature_invalid": 1, "signature_missing": 1,
            "too_large": 1, "unknown_action": 1, "unknown_sender": 1,
        }  # fmt: skip

    def test_writes_exactly_the_agreed_keys(self, tmp_path: Path) -> None:
        whole().judge().report.write(tmp_path / "report.json")

        assert " ".join(json.loads((tmp_path / "report.json").read_text("utf-8"))) == KEYS

    def test_is_finished(self) -> None:
        waiting = whole().outstanding()

        assert waiting == {}
        assert progress_line(waiting) == "nothing is outstanding"

    def test_is_the_same_after_a_kill(self) -> None:
        undisturbed, killed = whole(), whole()
        again = next(each for each in killed.redcross if isinstance(each, lines.Received))
        killed.release(again.referral, again.part, "case-1")
        killed.redcross.append(dataclasses.replace(again, repeated=True, sequence=99))
        receipt = next(each for each in killed.police if isinstance(each, lines.Receipt))
        killed.police.append(dataclasses.replace(receipt, repeated=True))
        killed.events += killed.events[3:9]
        judged = killed.judge()

        assert judged.report == undisturbed.judge().report
        assert judged.ok
        assert judged.repeated == 2


class TestLost:
    """Each step taken away is one loss with its name, and keeps the demo from being finished."""

    @pytest.mark.parametrize(
        ("kind", "having", "step"),
        [
            (lines.Answer, {"transaction": "t-1", "copy": 1}, "the hub's answer to the police"),
            (inbound.MessageReceived, {"message": "r-t-1"}, "message.received at the hub"),
            (referral.ReferralSubmitted, {"referral": "r-1"}, "referral.submitted or message.rejected"),
            (lines.Received, {"referral": "r-1", "part": "notice"}, "the notice at Red Cross"),
            (lines.Answered, {"referral": "r-1", "rung": "accepted"}, "Red Cross's yes or no"),
            (delivery.DeliveryAccepted, {"referral": "r-1"}, "delivery.accepted at the hub"),
            (lines.Received, {"referral": "r-1", "part": "content"}, "the content at Red Cross"),
            (lines.Answered, {"referral": "r-1", "rung": "in_progress"}, "Red Cross's in_progress"),
            (delivery.DeliveryInProgress, {"referral": "r-1"}, "delivery.in_progress at the hub"),
            (lines.Answered, {"referral": "r-1", "rung": "completed"}, "Red Cross's completed"),
            (delivery.DeliveryCompleted, {"referral": "r-1"}, "delivery.completed at the hub"),
            (lines.Receipt, {"transaction": "t-1", "code": "MODTAGET"}, "the MODTAGET receipt"),
            (lines.Receipt, {"transaction": "t-1", "code": "ACCEPTERET"}, "the ACCEPTERET receipt"),
            (lines.Receipt, {"transaction": "t-1", "code": "AFLEVERET"}, "the AFLEVERET receipt"),
            (lines.Receipt, {"transaction": "t-2", "code": "AFVIST"}, "the AFVIST receipt"),
            (delivery.DeliveryRejected, {"referral": "r-2"}, "delivery.rejected at the hub"),
            (referral.ReferralLoopClosed, {"referral": "r-1"}, "referral.loop_closed at the hub"),
            (lines.Receipt, {"transaction": "t-unknown_code"}, "the FEJLET receipt"),
        ],
    )  # fmt: skip
    def test_is_found_at_each_step(self, kind: type, having: dict[str, object], step: str) -> None:
        played = whole().without(kind, **having)
        judged = played.judge()

        assert judged.report.lost == 1
        assert f"missing: 1 x {step}" in judged.problems
        assert played.outstanding()[step] == 1

    def test_counts_what_the_hub_has_and_the_police_think_refused(self) -> None:
        played = whole()
        played.event(inbound.MessageReceived, agency="police", message="r-t-malformed", size=1)

        assert played.judge().problems == (
            "unexpected: 1 x a message of the police at the hub that they hold no receipt for",
        )

    def test_is_not_what_no_agency_receives(self) -> None:
        played = Played()
        played.refer(1, accepted=False)
        who = {"case": "case-1", "referral": "r-1", "sender": "police", "placer": "r-t-1", "agency": "police"}
        played.event(referral.ReferralRefused, reason="no_recipient", **who)
        for kind in (lines.Received, lines.Answered, delivery.DeliveryRejected):
            played.without(kind)
        played.places()
        played.without(lines.Receipt, code="MODTAGET").police.append(lines.Done())
        judged = played.judge()

        assert judged.ok
        assert (judged.report.delivered, judged.report.answered, judged.report.closed) == (0, 0, 1)


class TestOutstanding:
    def test_counts_what_is_not_sent(self) -> None:
        played = whole()
        played.sent += 3
        played.without(lines.Done).without(lines.Answer, copy=lines.REPETITION)

        assert played.outstanding() == {
            "messages to be sent": 3,
            "answers to copies": 1,
            "the police's word that all is sent": 1,
        }

    def test_counts_what_stands_in_lanes(self) -> None:
        played = whole().without(delivery.DeliveryDelivered, delivery="r-4-2")

        assert played.outstanding() == {"deliveries in lanes": 1}
        assert played.judge().problems == ("missing: 1 x deliveries in lanes",)

    def test_names_most_first(self) -> None:
        assert progress_line({"a": 1, "b": 7}) == "7 x b, 1 x a"


class TestDuplicates:
    def test_are_other_deliveries_of_the_same_part(self) -> None:
        played = whole()
        played.redcross.append(
            lines.Received("other", "notice", "r-1", repeated=False, groups_seen="", sequence=9)
        )
        judged = played.judge()

        assert judged.report.duplicates == 1
        assert judged.problems == ("doubled: 1 x part of a referral at Red Cross",)

    def test_are_other_receipts_of_the_same_rung(self) -> None:
        played = whole()
        played.police += [lines.Receipt("t-1", each, "AFLEVERET", repeated=False) for each in ("x", "y")]
        judged = played.judge()

        assert judged.report.duplicates == 2
        assert judged.problems == ("doubled: 2 x receipt at the police",)

    def test_are_two_referrals_of_one_message(self) -> None:
        played = whole()
        submitted = next(each for each in played.events if isinstance(each, referral.ReferralSubmitted))
        data = submitted.data.model_copy(update={"referral": "r-9"})
        played.event(referral.ReferralSubmitted, **data.model_dump())
        judged = played.judge()

        assert judged.report.duplicates == 1
        assert judged.problems == ("doubled: 1 x referral made of a message",)


class TestInversions:
    def test_are_content_before_the_yes(self) -> None:
        played = whole().without(lines.Answering, referral="r-1", rung="accepted")
        played.redcross.append(lines.Answering("r-1", "accepted"))
        judged = played.judge()

        assert judged.report.inversions == 1
        assert judged.problems == ("out of order: 1 x content before the notice or the yes",)

    def test_are_what_red_cross_says_itself_and_counted_once(self) -> None:
        played = whole()
        played.redcross += [lines.Inversion("r-1", "content"), lines.Inversion("r-1", "content")]

        assert played.judge().report.inversions == 1

    @pytest.mark.parametrize(
        "codes", [("ACCEPTERET", "MODTAGET"), ("MODTAGET", "AFVIST", "AFLEVERET"), ("FEJLET", "MODTAGET")]
    )
    def test_are_receipts_against_the_ladder(self, codes: tuple[str, ...]) -> None:
        played = whole()
        played.submit("t-9")
        played.police += [lines.Receipt("t-9", each, each, repeated=False) for each in codes]
        judged = played.judge()

        assert judged.report.inversions == 1
        assert "out of order: 1 x receipts against the ladder" in judged.problems

    def test_are_deliveries_that_overtook_in_their_lane(self) -> None:
        played = whole()
        first, second = (
            next(
                place
                for place, each in enumerate(played.redcross)
                if isinstance(each, lines.Received) and each.delivery == f"{name}-notice"
            )
            for name in ("r-1", "r-3")
        )
        line = played.redcross
        line.insert(first, line.pop(second))
        judged = played.judge()

        assert judged.report.inversions == 2
        assert judged.problems == ("out of order: 2 x deliveries against their lane",)

    def test_are_none_across_lanes(self) -> None:
        played = whole()
        played.police[:] = sorted(
            played.police, key=lambda each: isinstance(each, lines.Receipt) and each.transaction == "t-4"
        )

        assert played.judge().report.inversions == 0


class TestUnexpected:
    @pytest.mark.parametrize("fault", [fault for fault, code in FAULTS.items() if code])
    def test_is_a_fault_refused_with_another_code(self, fault: str) -> None:
        played = whole().without(lines.Answer, transaction=f"t-{fault}")
        played.police.append(lines.Answer(f"t-{fault}", lines.FIRST, "invalid", ""))

        assert played.judge().problems == (
            f"unexpected: 1 x the fault {fault} was answered invalid, not {FAULTS[fault]}",
        )

    def test_is_a_fault_that_went_through(self) -> None:
        played = whole()
        played.without(inbound.MessageRejected, message="r-t-unknown_code")
        who = {"case": "c", "referral": "r-9", "sender": "police", "receiver": "redcross"}
        submitted = next(each for each in played.events if isinstance(each, referral.ReferralSubmitted))
        played.event(
            referral.ReferralSubmitted, **{**submitted.data.model_dump(), **who, "placer": "r-t-unknown_code"}
        )

        assert "unexpected: 1 x the fault unknown_code went through as a referral" in played.judge().problems

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (lines.Refusal("signature_invalid"), "Red Cross refused a delivery (signature_invalid)"),
            (lines.Answered("r-9", "accepted", 409), "the hub refused Red Cross's accepted (409)"),
            (
                lines.AnsweredAgain("r-1", same_receipt=False),
                "Red Cross's repeated answer did not get the first receipt again",
            ),
            (
                lines.Received("d-9", "notice", "r-9", repeated=False, groups_seen="", sequence=9),
                "a notice at Red Cross of a referral that the hub does not know",
            ),
        ],
    )
    def test_is_trouble_at_red_cross(self, line: lines.RedcrossLine, said: str) -> None:
        played = whole()
        played.redcross.append(line)

        assert played.judge().problems == (f"unexpected: 1 x {said}",)

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (lines.Refusal("malformed"), "the police refused a receipt (malformed)"),
            (
                lines.Receipt("t-9", "d-9", "MODTAGET", repeated=False),
                "a receipt for a message that the police never sent",
            ),
            (
                lines.Answer("t-2", lines.CONFLICTING, lines.ACCEPTED, "r"),
                "other content under the same id was answered MODTAGET, not conflict",
            ),
            (
                lines.Answer("t-1", lines.REPETITION, lines.ACCEPTED, "another"),
                "a repetition did not get the first receipt again",
            ),
        ],
    )
    def test_is_trouble_at_the_police(self, line: lines.PoliceLine, said: str) -> None:
        played = whole()
        played.police.append(line)

        assert played.judge().problems == (f"unexpected: 1 x {said}",)

    def test_is_a_sound_message_refused(self) -> None:
        played = whole()
        played.submit("t-9", "invalid")

        assert played.judge().problems == (
            "unexpected: 1 x a sound message was answered invalid, not MODTAGET",
        )

    def test_is_a_sound_message_rejected_later(self) -> None:
        played = whole()
        played.submit("t-9")
        played.event(inbound.MessageRejected, agency="police", message="r-t-9", problems=())
        played.told("t-9", "FEJLET", "t-9", "d-9")

        assert played.judge().problems == ("unexpected: 1 x a sound message was rejected later",)

    def test_is_what_the_hub_complains_of(self) -> None:
        played = whole()
        who = {"case": "c", "referral": "r-1", "sender": "police", "placer": "r-t-1", "agency": "redcross"}
        played.event(referral.ReferralRefused, reason="out_of_order", **who)
        played.event(inbound.MessageRejected, agency="redcross", message="m", problems=())
        played.event(inbound.MessageReceived, agency="police", message="m", size=1)
        what = {"delivery": "d-9", "lane": "c", "recipient": "police", "part": "status", "attempt": 1}
        played.event(delivery.DeliveryFailed, failure="bug", cause="KeyError", **what)

        assert played.judge().problems == (
            "unexpected: 1 x a delivery came to a dead end (KeyError)",
            "unexpected: 1 x a message of the police at the hub that they hold no receipt for",
            "unexpected: 1 x an answer of redcross was rejected",
            "unexpected: 1 x the hub refused a step (out_of_order)",
        )

    def test_is_not_that_the_police_have_no_word_for_a_beginning(self) -> None:
        played = whole()
        what = {
            "delivery": "d-9",
            "lane": "c",
            "recipient": "police",
            "part": "status",
            "rung": "in_progress",
        }
        played.event(delivery.DeliveryQueued, **what)
        waiting = played.judge().problems
        played.event(delivery.DeliveryFailed, failure="needs_action", cause="no_word", attempt=1, **what)

        assert waiting == ("missing: 1 x deliveries in lanes",)
        assert played.judge().problems == ()
