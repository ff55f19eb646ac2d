"""Which clocks agencies are told of: by data, and in step with what the vault's policy lets out."""

from datetime import date

from stafet.deadlines.adapters.clocksfile import load_plan
from stafet.vault.adapters.datafiles import load_policy
from stafet_schemas.deadline import DeadlineBreached, DeadlineEvent, DeadlineWarned
from tests.services.deadlines.samples import DAY, HOUR, Desk, granted, routed, submitted

REMINDED = {"referral_answer", "referral_info"}
PROPOSALS = {"handover_proposed"}
CASELESS = {"contact_queue", "contact_triage"}
"""A contact has no case, so nobody takes part in one."""


class TestTheClocks:
    def test_that_are_told_of_are_those_that_the_policy_has_words_for(self) -> None:
        told = {each.clock for each in load_plan().clocks.clocks if each.tells}
        assert told == load_policy().alerts.keys() - PROPOSALS

    def test_what_has_reminders_of_its_own_or_no_case_is_not_told_of_again(self) -> None:
        told = {each.clock for each in load_plan().clocks.clocks if each.tells}
        assert not told & {*REMINDED, *CASELESS}

    def test_whose_owner_or_notified_is_an_agency_of_the_case_are_all_told_of(self) -> None:
        silent = {each.clock for each in load_plan().clocks.clocks if not each.tells}
        assert silent == {
            *REMINDED, *CASELESS, "referral_escalation", "technical_acknowledgement", "retention",
        }  # fmt: skip


class TestWhatIsTold:
    async def test_says_whether_agencies_are_told_of_it(self, desk: Desk) -> None:
        await desk.take(
            submitted(), routed(), granted(date(2026, 3, 2), date(2026, 3, 31), date(2026, 6, 29))
        )
        await desk.wait(25 * HOUR)
        await desk.wait(40 * DAY)

        told = {
            (each.data.clock, each.data.tells)
            for each in await desk.emitted()
            if isinstance(each, DeadlineEvent)
        }
        assert told == {("referral_answer", False), ("period_end", True), ("period_cap", True)}

    async def test_a_period_names_who_is_to_be_told_in_warnings_and_at_its_end(self, desk: Desk) -> None:
        await desk.take(granted(date(2026, 3, 2), date(2026, 3, 31), date(2026, 6, 29)))
        await desk.wait(40 * DAY)

        said = [
            (type(each), each.data.notify, each.data.tells)
            for each in await desk.emitted()
            if isinstance(each, DeadlineWarned | DeadlineBreached)
        ]
        assert said == [
            *[(DeadlineWarned, ("shelter", "immigration"), True)] * 3,
            (DeadlineBreached, ("shelter", "immigration"), True),
        ]
