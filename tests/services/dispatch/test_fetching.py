"""What the Red Cross fetches: told of without a value, released when it comes, delivered when fetched."""

import json
from typing import Any

import pytest

from stafet_connectors.redcross.fetching import ANSWERED, TAG
from stafet_connectors.redcross.samples import HUB_FETCH_PUBLIC
from stafet_schemas.consent import ConsentWithdrawn
from stafet_sdk.httpsignatures import Message, verify
from stafet_sdk.webhooks import generate_webhook_keys
from tests.fakes.partner_server import answers, hangs
from tests.fakes.vault import FakeVault
from tests.services.dispatch.fetcher import BASE, bodies, code_of, coming, told_of
from tests.services.dispatch.hub import SCHEDULE_S, TAKES, Opener, Turns, kinds, requested
from tests.services.dispatch.samples import SECRETS, cases, cut, erased, given

HOUR_S = 3600.0
NOBODYS = "01930000-0000-7000-8000-ffffffffffff"


class TestTold:
    async def test_says_that_something_waits_and_asks_the_vault_for_nothing(
        self, fetching: Opener, vault: FakeVault
    ) -> None:
        async with fetching() as (hub, partners), hub.working():
            case, delivery = await told_of(hub, vault)
            (body,) = bodies(partners)
            (item,) = await hub.items()
            told = await hub.told()

            assert (body["id"], body["type"]) == (delivery, "dk.cmm.stafet.partner.referral.waiting.v1")
            assert body["data"] == {
                "stafet_delivery": delivery,
                "stafet_referral": case.referral,
                "stafet_part": "content",
            }
            assert vault.requests == []
            assert (item["status"], item["failure"], item["cause"]) == (
                "waiting",
                "awaiting_fetch",
                "notified",
            )
            assert [kind for kind, _ in told] == ["queued", "sent", "deferred"]
            assert (told[-1][1]["failure"], told[-1][1]["wait_s"]) == ("awaiting_fetch", HOUR_S)

    async def test_a_notice_is_sent_as_ever(self, fetching: Opener, vault: FakeVault) -> None:
        (case,) = await cases(vault, 1)
        async with fetching() as (hub, partners), hub.working():
            await hub.take([case.submitted(), case.routed()])
            await hub.until_statuses("delivered")

            assert kinds(partners.redcross.requests) == ["notice"]

    async def test_is_reminded_and_at_last_a_human_must_act_and_may_fetch_even_then(
        self, fetching: Opener, vault: FakeVault
    ) -> None:
        async with fetching() as (hub, partners), hub.working(), coming(hub) as redcross:
            _, delivery = await told_of(hub, vault)
            for count in range(2, len(SCHEDULE_S) + 1):
                await hub.later(HOUR_S)
                await hub.until_tried(count)
            await hub.later(HOUR_S)
            await hub.until_statuses("failed")
            (item,) = await hub.items()
            fetched = await redcross.get(delivery)

            assert (item["failure"], item["cause"]) == ("exhausted", "not_fetched")
            assert [body["id"] for body in bodies(partners)] == [delivery] * len(SCHEDULE_S)
            assert (fetched.status_code, await hub.statuses()) == (200, ["delivered"])


class TestFetched:
    async def test_is_released_at_that_moment_signed_by_the_hub_and_then_delivered(
        self, fetching: Opener, vault: FakeVault
    ) -> None:
        async with fetching() as (hub, partners), hub.working(), coming(hub) as redcross:
            case, delivery = await told_of(hub, vault)
            answer = await redcross.get(delivery)

            url = f"{BASE}/agencies/redcross/deliveries/{delivery}"
            asked = Message({}, "GET", url)
            message = Message(dict(answer.headers), status=answer.status_code, request=asked)
            verify(HUB_FETCH_PUBLIC, message, answer.content, ANSWERED, hub.clock.now(), tag=TAG)
            event = json.loads(answer.content)
            assert (event["id"], event["type"]) == (delivery, "dk.cmm.stafet.partner.referral.content.v1")
            assert event["data"]["prs_FirstName"] == "Zorabelle"
            assert [(each.delivery, each.part, each.accepted) for each in vault.requests] == [
                (delivery, "content", True)
            ]
            assert await hub.statuses() == ["delivered"]
            kind, data = (await hub.told())[-1]
            assert (kind, data["delivery"], data["referral"]) == ("delivered", delivery, case.referral)
            pushed = b"".join(partners.redcross.requests).decode()
            assert [secret for secret in SECRETS if secret in pushed] == []

    async def test_again_gives_the_same_of_a_release_of_its_own(
        self, fetching: Opener, vault: FakeVault
    ) -> None:
        async with fetching() as (hub, _), hub.working(), coming(hub) as redcross:
            _, delivery = await told_of(hub, vault)
            first, second = await redcross.get(delivery), await redcross.get(delivery)

            assert first.content == second.content
            assert len(vault.requests) == 2
            assert [kind for kind, _ in await hub.told()].count("delivered") == 1

    async def test_while_the_word_of_it_is_still_under_way(self, fetching: Opener, vault: FakeVault) -> None:
        (case,) = await cases(vault, 1)
        routed, status = case.routed("content"), case.routed()
        async with fetching(Turns(hangs, TAKES)) as (hub, partners), hub.working(), coming(hub) as redcross:
            await hub.take([case.submitted(), case.accepted(), routed, status])
            await requested(partners.redcross, 1)
            answer = await redcross.get(routed.id)
            await hub.until_statuses("delivered", "delivered")

            (first, _) = await hub.attempts()
            assert (answer.status_code, first["outcome"]) == (200, "delivered")
            assert await hub.lanes() == [("redcross", 0, None)]

    async def test_lets_the_lane_go_on(self, fetching: Opener, vault: FakeVault) -> None:
        async with fetching() as (hub, partners), hub.working(), coming(hub) as redcross:
            case, delivery = await told_of(hub, vault)
            await hub.take([case.routed()])
            before = await hub.statuses()
            await redcross.get(delivery)
            await hub.until_statuses("delivered", "delivered")

            assert before == ["waiting", "waiting"]
            assert kinds(partners.redcross.requests) == ["waiting", "notice"]


class TestWithdrawn:
    async def test_between_the_word_and_the_fetch_nothing_leaves(
        self, fetching: Opener, vault: FakeVault
    ) -> None:
        async with fetching() as (hub, partners), hub.working(), coming(hub) as redcross:
            _, delivery = await told_of(hub, vault)
            vault.block = "no_consent"
            first, second = await redcross.get(delivery), await redcross.get(delivery)

            assert code_of(first) == code_of(second) == (410, "gone")
            # The vault is asked, and says so in its ledger, once: then it is over.
            assert len(vault.requests) == 1
            assert await hub.statuses() == ["ended"]
            assert await hub.lanes() == [("redcross", 0, None)]
            sent = b"".join(partners.redcross.requests) + first.content
            assert [secret for secret in SECRETS if secret.encode() in sent] == []

    async def test_a_recall_overtakes_what_waits(self, fetching: Opener, vault: FakeVault) -> None:
        async with fetching() as (hub, partners), hub.working(), coming(hub):
            case, _ = await told_of(hub, vault)
            await hub.take([cut(ConsentWithdrawn, case.case, "redcross")])
            await hub.until_statuses("waiting", "delivered")

            assert kinds(partners.redcross.requests) == ["waiting", "withdrawn"]

    async def test_after_it_was_fetched_it_is_gone_and_stays_delivered(
        self, fetching: Opener, vault: FakeVault
    ) -> None:
        async with fetching() as (hub, _), hub.working(), coming(hub) as redcross:
            _, delivery = await told_of(hub, vault)
            await redcross.get(delivery)
            vault.block = "no_consent"
            answer = await redcross.get(delivery)

            assert code_of(answer) == (410, "gone")
            assert await hub.statuses() == ["delivered"]

    async def test_and_given_again_it_waits_anew(self, fetching: Opener, vault: FakeVault) -> None:
        async with fetching() as (hub, partners), hub.working(), coming(hub) as redcross:
            case, delivery = await told_of(hub, vault)
            vault.block = "no_consent"
            await redcross.get(delivery)
            vault.block = None
            await hub.take([given(case.case, "redcross")])
            await hub.until_tried(2)
            again = bodies(partners)[-1]["id"]
            answer = await redcross.get(again)

            assert again != delivery
            assert answer.status_code == 200
            assert await hub.statuses() == ["ended", "delivered"]

    async def test_of_an_erased_case_nobody_is_told_again(self, fetching: Opener, vault: FakeVault) -> None:
        async with fetching() as (hub, partners), hub.working(), coming(hub) as redcross:
            case, delivery = await told_of(hub, vault)
            vault.block, vault.block_part = "erased", "content"
            await hub.take([erased(case.case, "redcross")])
            await hub.until_statuses("ended", "delivered")

            assert kinds(partners.redcross.requests) == ["waiting", "erased"]
            assert code_of(await redcross.get(delivery)) == (410, "gone")


class TestHostile:
    async def test_a_request_that_was_taken_is_not_taken_again(
        self, fetching: Opener, vault: FakeVault
    ) -> None:
        async with fetching() as (hub, _), hub.working(), coming(hub) as redcross:
            _, delivery = await told_of(hub, vault)
            url = f"{BASE}/agencies/redcross/deliveries/{delivery}"
            headers = redcross.headers(url)
            first, second = [await redcross.send(url, "GET", headers) for _ in range(2)]

            assert (first.status_code, code_of(second)) == (200, (401, "replayed"))
            assert len(vault.requests) == 1

    async def test_a_nonce_is_forgotten_when_its_signature_has_expired(
        self, fetching: Opener, vault: FakeVault
    ) -> None:
        async with fetching() as (hub, _), hub.working(), coming(hub) as redcross:
            _, delivery = await told_of(hub, vault)
            await redcross.get(delivery)
            await hub.later(301)
            await redcross.get(delivery)

            assert await hub.database.pool.fetchval("select count(*) from nonces") == 1

    async def test_what_is_anothers_or_nobodys_or_not_told_of_yet_is_answered_alike(
        self, fetching: Opener, vault: FakeVault
    ) -> None:
        async with fetching() as (hub, _), hub.working(), coming(hub) as redcross:
            case, _ = await told_of(hub, vault)
            theirs, behind = case.status("delivered"), case.routed("content")
            await hub.take([theirs, behind])
            await hub.until_statuses("waiting", "delivered", "waiting")
            found = [await redcross.get(each) for each in (theirs.id, behind.id, NOBODYS, "no-uuid")]

            assert {code_of(each) for each in found} == {(404, "unknown_delivery")}
            assert len({each.content for each in found}) == 1
            assert [each.part for each in vault.requests] == ["status"]

    @pytest.mark.parametrize(
        ("signing", "code"),
        [
            ({"late_s": -301}, "signature_expired"),
            ({"late_s": 360}, "signature_expired"),
            ({"lifetime_s": 301}, "signature_invalid"),
            ({"tag": "other"}, "signature_invalid"),
            ({"private": generate_webhook_keys()[0]}, "signature_invalid"),
            ({"nonce": "short"}, "signature_invalid"),
            ({"method": "POST"}, "signature_invalid"),
        ],
        ids=["expired", "from-the-future", "too-long", "tag", "key", "nonce", "other-method"],
    )
    async def test_a_signature_that_proves_nothing_gets_nothing(
        self, fetching: Opener, vault: FakeVault, signing: dict[str, Any], code: str
    ) -> None:
        async with fetching() as (hub, _), hub.working(), coming(hub) as redcross:
            _, delivery = await told_of(hub, vault)
            answer = await redcross.get(delivery, **signing)

            assert code_of(answer) == (401, code)
            assert vault.requests == []
            assert await hub.database.pool.fetchval("select count(*) from nonces") == 0

    async def test_a_body_that_is_not_the_one_that_was_signed(
        self, fetching: Opener, vault: FakeVault
    ) -> None:
        async with fetching() as (hub, _), hub.working(), coming(hub) as redcross:
            _, delivery = await told_of(hub, vault)
            url = f"{BASE}/agencies/redcross/deliveries/{delivery}"
            other = await redcross.send(url, "GET", redcross.headers(url, body=b"one"), b"two")
            bare = await redcross.send(url, "GET", redcross.headers(url), b"two")
            large = await redcross.send(url, "GET", redcross.headers(url), b"x" * 5000)

            assert code_of(other) == (401, "digest_invalid")
            assert code_of(bare) == (401, "signature_invalid")
            assert code_of(large) == (413, "too_large")
            assert vault.requests == []

    async def test_unsigned_or_in_another_way_or_of_nobody(self, fetching: Opener, vault: FakeVault) -> None:
        async with fetching() as (hub, _), hub.working(), coming(hub) as redcross:
            _, delivery = await told_of(hub, vault)
            url = f"{BASE}/agencies/redcross/deliveries/{delivery}"
            bare = await redcross.send(url, "GET", {})
            posted = await redcross.send(url, "POST", redcross.headers(url, method="POST"))
            asked = await redcross.send(f"{url}?all=1", "GET", redcross.headers(f"{url}?all=1"))

            assert code_of(bare) == (401, "signature_missing")
            assert bare.headers["www-authenticate"] == 'Signature tag="stafet"'
            assert (code_of(posted), posted.headers["allow"]) == ((405, "method_not_allowed"), "GET")
            assert code_of(asked) == (404, "unknown_delivery")
            assert code_of(await redcross.get(delivery, "police")) == (404, "unknown_agency")
            assert code_of(await redcross.get(delivery, "nobody")) == (404, "unknown_agency")


class TestOutOfReach:
    async def test_a_vault_that_is_away_hands_nothing_over_and_says_when_to_come_again(
        self, fetching: Opener, vault: FakeVault
    ) -> None:
        async with fetching() as (hub, _), hub.working(), coming(hub) as redcross:
            _, delivery = await told_of(hub, vault)
            vault.closed = True
            away = await redcross.get(delivery)
            waiting = await hub.statuses()
            vault.closed = False

            assert (code_of(away), away.headers["retry-after"]) == ((503, "unavailable"), "5")
            assert waiting == ["waiting"]
            assert (await redcross.get(delivery)).status_code == 200


class TestClosed:
    async def test_an_endpoint_that_says_410_gets_nothing_until_it_is_opened_again(
        self, fetching: Opener, vault: FakeVault
    ) -> None:
        first, second = await cases(vault, 2)
        async with fetching(Turns(answers("410 Gone"), TAKES)) as (hub, partners), hub.working():
            await hub.take([first.submitted(), first.routed()])
            await hub.until_tried(1)
            await hub.take([second.submitted(), second.routed(), second.status("delivered")])
            await hub.until_statuses("waiting", "waiting", "delivered")
            await hub.later(HOUR_S)
            tried = len(partners.redcross.requests)
            (item, *_) = await hub.items()
            closed = await hub.database.pool.fetch("select recipient from closed")
            await hub.database.pool.execute("delete from closed")
            await hub.later(0)
            await hub.until_statuses("delivered", "delivered", "delivered")

            assert tried == 1
            assert (item["failure"], item["cause"], item["failures"]) == (
                "needs_action",
                "endpoint_closed",
                0,
            )
            assert [row["recipient"] for row in closed] == ["redcross"]
            assert [data["cause"] for kind, data in await hub.told() if kind == "deferred"] == [
                "endpoint_closed"
            ]
