"""Random reports, repeated and late: no illegal state, and every report has its effect once."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from stafet.contacts.adapters import load_hours
from stafet.contacts.domain.contact import decide
from stafet.contacts.domain.machines import CONTACT
from stafet_runtime.thing import Thing
from stafet_schemas.contact import ContactRefused, ContactReportedData
from tests.services.contacts.samples import MONDAY_NOON

HOURS = load_hours()
REPORTS = st.builds(
    ContactReportedData,
    contact=st.just("c-1"),
    agency=st.sampled_from(["hotline", "outreach"]),
    message=st.sampled_from([f"m-{number}" for number in range(8)]),
    at=st.integers(0, 48).map(lambda hours: MONDAY_NOON + timedelta(hours=hours)),
    step=st.sampled_from(["received", "triaged", "referred", "closed", "sung"]),
    venue=st.sampled_from([None, "hotline", "ship"]),
    priority=st.sampled_from([None, "urgent"]),
    age_group=st.sampled_from([None, "adult", "child"]),
    referral=st.sampled_from([None, "r-1"]),
    reason=st.sampled_from([None, "other"]),
    consents=st.sampled_from([None, True, False]),
    persons=st.integers(-1, 3),
)


@given(st.lists(REPORTS, max_size=12))
def test_every_report_has_its_effect_once(reports: list[ContactReportedData]) -> None:
    thing = Thing("c-1", "contact", "c-1")
    done: set[str] = set()
    for said in reports:
        decision = decide(thing, said, HOURS)
        refused = decision.effect is not None and decision.effect[0] is ContactRefused

        assert (decision.effect is None) == (said.message in done)
        assert not refused or decision.thing == thing
        assert decision.thing.state in CONTACT.states | {""}
        assert thing.state not in CONTACT.ends or decision.thing == thing
        if decision.effect is not None and not refused:
            done.add(said.message)
        thing = decision.thing
