"""The console's answers in JSON."""

from datetime import UTC, datetime

import httpx

from tests.services.console.samples import closed, delivered, unusable
from tests.services.console.serving import Record

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
PATHS = ["/", "/cases.json", "/live", "/cases/x", "/cases/x/events.json", "/cases/x/live", "/referrals/x",
         "/static/console.css"]  # fmt: skip


class TestJson:
    async def test_holds_the_chain_with_parents_and_gaps(
        self, client: httpx.AsyncClient, record: Record
    ) -> None:
        story = unusable(1, START)
        await record(story.events)

        trace = (await client.get("/cases/tx-1/events.json")).json()

        assert (trace["state"], trace["events_total"], trace["shown"]) == ("sender_told", 5, 5)
        assert [each["parent"] for each in trace["events"]] == [
            None,
            *(each["id"] for each in trace["events"][:-1]),
        ]
        assert trace["events"][1]["details"] == ["Prioritet: unknown code"]
        assert trace["events"][1]["gap_ms"] == 12

    async def test_a_referral_is_redirected_to_its_cases_events(
        self, client: httpx.AsyncClient, record: Record
    ) -> None:
        story = closed(1, START)
        await record(story.events)

        response = await client.get(f"/cases/{story.referral}/events.json", follow_redirects=True)

        assert response.json()["case"] == story.case

    async def test_an_unknown_case_is_a_problem_document(self, visitor: httpx.AsyncClient) -> None:
        response = await visitor.get("/cases/nothing/events.json")

        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"

    async def test_the_list_counts_and_pages(self, client: httpx.AsyncClient, record: Record) -> None:
        stories = [delivered(number, START.replace(minute=number)) for number in range(4)]
        await record([event for story in stories for event in story.events])

        first = (await client.get("/cases.json")).json()
        second = (await client.get("/cases.json", params={"before": first["next"]})).json()

        assert (first["total"], len(first["cases"]), len(second["cases"]), second["next"]) == (4, 3, 1, None)
