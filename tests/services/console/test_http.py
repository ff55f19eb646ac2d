"""The pages."""

import base64
from datetime import UTC, datetime
from urllib.parse import quote

import httpx
import pytest

from stafet.console.domain.steps import step_of
from stafet.console.http.guard import SECURITY_HEADERS
from stafet.console.http.pages import ASSETS
from stafet_runtime.database import Database
from stafet_schemas import delivery
from stafet_schemas.registry import EVENTS
from tests.fakes.clock import FakeClock
from tests.schemas.stored import EXAMPLES, event_of
from tests.services.console.samples import Story, closed, delivered, erased, looked_at, stopped
from tests.services.console.serving import Record

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
PATHS = ["/", "/cases.json", "/capacity", "/capacity.json",
         "/live", "/cases/x", "/cases/x/events.json", "/cases/x/live", "/referrals/x",
         "/static/console.css"]  # fmt: skip


class TestSignIn:
    @pytest.mark.parametrize("path", PATHS)
    async def test_without_a_password_nothing_is_shown(self, stranger: httpx.AsyncClient, path: str) -> None:
        response = await stranger.get(path)

        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Basic realm=")

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "Bearer correct",
            "Basic",
            "Basic !!!",
            "Basic " + base64.b64encode(b"operator").decode(),
            "Basic " + base64.b64encode(b"operator:wrong").decode(),
            "Basic " + base64.b64encode(b"someone:correct horse battery").decode(),
            "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        ],
    )
    async def test_anything_but_the_right_pair_is_refused(
        self, stranger: httpx.AsyncClient, header: str
    ) -> None:
        response = await stranger.get("/", headers={"Authorization": header})

        assert response.status_code == 401
        assert "Please sign in" in response.text

    async def test_finding_needs_it_too(self, stranger: httpx.AsyncClient) -> None:
        response = await stranger.post("/find", data={"reference": "x"})

        assert response.status_code == 401


class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/cases.json", "/static/console.js", "/cases/unknown"])
    async def test_are_strict_on_every_answer(self, visitor: httpx.AsyncClient, path: str) -> None:
        response = await visitor.get(path)

        assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS

    async def test_are_strict_on_a_refusal_too(self, visitor: httpx.AsyncClient) -> None:
        response = await visitor.get("/", auth=httpx.BasicAuth("operator", "wrong"))

        assert response.headers["Content-Security-Policy"].startswith("default-src 'self'")

    @pytest.mark.parametrize("name", ASSETS)
    async def test_static_files_say_what_they_are(self, visitor: httpx.AsyncClient, name: str) -> None:
        response = await visitor.get(f"/static/{name}")

        assert response.headers["content-type"].split(";")[0] == ASSETS[name]

    @pytest.mark.parametrize("name", ["other.css", "..%2fapp.py", "console.css%00"])
    async def test_other_files_are_not_served(self, visitor: httpx.AsyncClient, name: str) -> None:
        assert (await visitor.get(f"/static/{name}")).status_code == 404


class TestList:
    async def test_an_empty_hub_says_what_comes_next(self, visitor: httpx.AsyncClient) -> None:
        assert "No case yet" in (await visitor.get("/")).text

    async def test_shows_state_agencies_and_last_step(
        self, client: httpx.AsyncClient, record: Record
    ) -> None:
        story = closed(1, START)
        await record(story.events)

        page = (await client.get("/")).text

        assert f'href="/cases/{story.case}"' in page
        assert "Loop closed: Police knows the outcome, completed" in page
        assert page.index("Police <span") < page.index("Red Cross</td>")

    async def test_shows_what_stands_still(self, client: httpx.AsyncClient, record: Record) -> None:
        await record(stopped(1, START).events)

        page = (await client.get("/?show=attention")).text

        assert "Stopped: Notice could not be delivered to Red Cross: reply not json" in page
        assert "1 stopped, 0 waiting" in page

    async def test_leads_to_older_cases(self, client: httpx.AsyncClient, record: Record) -> None:
        stories = [delivered(number, START.replace(minute=number)) for number in range(5)]
        await record([event for story in stories for event in story.events])

        first = (await client.get("/")).text
        link = first.split('<nav class="pager"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
        second = (await client.get(link)).text

        assert [stories[1].case in page for page in (first, second)] == [False, True]
        assert [stories[4].case in page for page in (first, second)] == [True, False]

    @pytest.mark.parametrize("before", ["yesterday", "2026-11-24T09:00:00~x", "2026-11-24T09:00:00Z", "~"])
    async def test_a_damaged_link_is_explained(self, visitor: httpx.AsyncClient, before: str) -> None:
        response = await visitor.get("/", params={"before": before})

        assert response.status_code == 400
        assert "Start again from the list" in response.text

    async def test_says_when_the_console_itself_could_not_record(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        async with database.pool.acquire() as connection:
            await connection.execute(
                'insert into parked (topic, partition, "offset", key, headers, value, type, class, reason,'
                " holds, parked_at) values ('t', 0, 0, '', '', '', '', 'bug', 'x', true, now())"
            )

        assert "could not record 1 event," in (await client.get("/")).text


class TestCase:
    async def test_shows_the_chain_with_times_durations_and_rungs(
        self, client: httpx.AsyncClient, record: Record
    ) -> None:
        story = closed(1, START)
        await record(story.events)

        page = (await client.get(f"/cases/{story.case}")).text

        assert page.count('class="step ') == len(story.events)
        assert 'title="2026-11-24 09:00:00.012 UTC">10:00:00<span class="fine">.012</span>' in page
        assert "+48 ms" in page
        assert "Status (completed) delivered to Police" in page
        assert page.count("depth-1") > page.count("depth-2") == 0

    async def test_shows_a_dead_end_with_its_reason_and_remedy(
        self, client: httpx.AsyncClient, record: Record
    ) -> None:
        story = stopped(1, START)
        await record(story.events)

        page = (await client.get(f"/cases/{story.case}")).text

        assert "Stopped: a person must act" in page
        assert "Notice could not be delivered to Red Cross: reply not json" in page
        assert "put off: http 503, next try in 4.0 s" in page
        assert "Fix the cause, skip it with a notice" in page

    async def test_what_humans_at_the_hub_were_shown_stands_among_the_steps(
        self, client: httpx.AsyncClient, record: Record
    ) -> None:
        story = looked_at(1, START)
        await record(story.events)

        page = (await client.get(f"/cases/{story.case}")).text

        assert page.count('class="step ') == len(story.events)
        assert "Values not shown to a caseworker at the hub: no mandate" in page
        assert "groups: health, child" in page
        assert "glass broken" in page
        assert "Breaking of the glass reviewed: unjustified" in page

    @pytest.mark.parametrize("kind", sorted(EVENTS))
    async def test_every_event_type_has_a_page(
        self, client: httpx.AsyncClient, record: Record, kind: str
    ) -> None:
        examples = [each for each in EXAMPLES.values() if each["type"] == kind]
        events = [event_of(each) for each in examples]
        await record(events)

        matters = {step_of(each).matter for each in events}
        pages = [await client.get("/cases/" + quote(each, safe="")) for each in matters]

        assert pages
        assert [page.status_code for page in pages] == [200] * len(pages)

    async def test_a_message_id_with_a_slash_has_a_page(
        self, client: httpx.AsyncClient, record: Record
    ) -> None:
        await record([Story(1, START).message("police", "a/b?c#d e/live%")])

        response = await client.get("/cases/" + quote("a/b?c#d e/live%", safe=""))

        assert "Message without a case" in response.text

    async def test_strings_of_events_are_escaped_everywhere(
        self, client: httpx.AsyncClient, record: Record
    ) -> None:
        evil = "<script>alert(1)</script>\"'&{{ 7*7 }}"
        story = delivered(1, START)
        story.add(delivery.DeliveryRejected, agency=evil, message=evil, reason=evil)
        story.message("police", evil)
        await record(story.events)

        pages = [await client.get("/"), await client.get(f"/cases/{story.case}")]
        pages.append(await client.get("/cases/" + quote(evil, safe="")))

        assert [page.status_code for page in pages] == [200] * 3
        assert all("<script>alert" not in page.text and "{{ 7*7 }}" in page.text for page in pages)

    async def test_an_unknown_one_says_what_to_check(self, visitor: httpx.AsyncClient) -> None:
        response = await visitor.get("/cases/nothing")

        assert response.status_code == 404
        assert "Check it for a missing character" in response.text

    async def test_a_bookmark_of_a_message_leads_to_the_case_it_became(
        self, client: httpx.AsyncClient, record: Record
    ) -> None:
        story = closed(1, START)
        await record(story.events)

        response = await client.get("/cases/tx-1")

        assert (response.status_code, response.headers["Location"]) == (303, f"/cases/{story.case}")

    async def test_only_the_newest_steps_of_a_very_long_case_are_shown(
        self, client: httpx.AsyncClient, record: Record
    ) -> None:
        story = stopped(1, START)
        what = story.last.data.model_dump(include={"delivery", "recipient", "part"})
        for attempt in range(600):
            story.send(what, attempt)
        await record(story.events)

        page = (await client.get(f"/cases/{story.case}")).text

        assert page.count('class="step ') == 500
        assert f"The {len(story.events) - 500} oldest steps are not shown" in page

    async def test_says_that_it_is_erased_and_shows_no_id_that_an_agency_gave(
        self, client: httpx.AsyncClient, record: Record
    ) -> None:
        story = erased(1, START)
        await record(story.events)

        pages = [(await client.get(each)).text for each in ("/", f"/cases/{story.case}")]

        assert all("Erased" in page for page in pages)
        assert "Case erased: no longer needed" in pages[1]
        assert not [each for each in ("tx-1", "POL-0001", "None") if each in "".join(pages)]
        assert (await client.post("/find", data={"reference": "tx-1"})).status_code == 404


class TestFind:
    async def test_a_referral_leads_to_its_case(self, client: httpx.AsyncClient, record: Record) -> None:
        story = closed(1, START)
        await record(story.events)

        assert (await client.get(f"/referrals/{story.referral}")).headers[
            "Location"
        ] == f"/cases/{story.case}"

    async def test_what_was_typed_leads_to_its_case(self, client: httpx.AsyncClient, record: Record) -> None:
        story = closed(1, START)
        await record(story.events)

        response = await client.post("/find", data={"reference": f" {story.placer} "})

        assert (response.status_code, response.headers["Location"]) == (303, f"/cases/{story.case}")

    @pytest.mark.parametrize("typed", ["", "x" * 201, "nothing", "\x00"])
    async def test_what_is_not_there_is_not_found(self, visitor: httpx.AsyncClient, typed: str) -> None:
        assert (await visitor.post("/find", data={"reference": typed})).status_code == 404

    async def test_too_much_is_refused(self, visitor: httpx.AsyncClient) -> None:
        assert (await visitor.post("/find", content=b"x" * 5000)).status_code == 413


class TestTrouble:
    async def test_a_database_that_is_away_is_said_to_be_away(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        await database.close()

        response = await client.get("/")

        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
        assert "stafet doctor" in response.text

    async def test_a_page_that_fails_says_where_to_look_and_not_why(
        self, client: httpx.AsyncClient, record: Record, database: Database
    ) -> None:
        story = delivered(1, START)
        await record(story.events)
        async with database.pool.acquire() as connection:
            await connection.execute("update cases set progress = '{}'")

        response = await client.get(f"/cases/{story.case}")

        assert response.status_code == 500
        assert "console_page_failed" in response.text
        assert "validation" not in response.text

    async def test_ages_are_counted_by_the_hubs_clock(
        self, client: httpx.AsyncClient, record: Record, clock: FakeClock
    ) -> None:
        await record(delivered(1, START).events)
        clock.advance(3600)

        assert "1 h ago" in (await client.get("/")).text
