"""Certificates on real sockets: the partner's, and the hub's own towards a partner that asks for one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import pytest
import trustme

from stafet_sdk.contract import Outbound, Partner
from stafet_sdk.errors import NeedsAction, Unknown
from stafet_sdk.transport import HttpPush
from tests.fakes.certificates import client_keys
from tests.fakes.partner_server import LOOPBACK, answers, partner_server
from tests.fakes.strict_server import strict_server

MESSAGE = Outbound({}, b"hello", "/in")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NO_KEYS: Mapping[str, bytes] = MappingProxyType({})


def partner(url: str, keys: Mapping[str, bytes], agency: str = "immigration") -> Partner:
    """Configure a partner with key files."""
    return Partner(agency, url, {}, keys, networks=LOOPBACK)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who issues certificates to the partner's clients."""
    return trustme.CA()


class TestClientCertificate:
    async def test_is_shown_to_the_partner_that_it_is_for_and_to_no_other(
        self, authority: trustme.CA
    ) -> None:
        async with (
            partner_server(answers("200 OK"), clients=authority) as server,
            HttpPush(server.trust) as push,
        ):
            reply = await push.send(MESSAGE, partner(server.url, client_keys(authority)))
            with pytest.raises(Unknown):
                await push.send(MESSAGE, partner(server.url, NO_KEYS, "shelter"))
            assert (reply.status, server.clients) == (200, ["stafet-hub"])

    async def test_that_the_partner_does_not_take_needs_action(self, authority: trustme.CA) -> None:
        refused = {"none": NO_KEYS, "stranger": client_keys(trustme.CA()), "good": client_keys(authority)}
        with strict_server(authority) as (url, trust):
            async with HttpPush(trust) as push:
                for agency in ("none", "stranger"):
                    with pytest.raises(NeedsAction, match="certificate"):
                        await push.send(MESSAGE, partner(url, refused[agency], agency))
                assert (await push.send(MESSAGE, partner(url, refused["good"]))).status == 204

    async def test_that_has_ended_is_not_shown(self, authority: trustme.CA) -> None:
        keys = client_keys(authority, not_after=LONG_AGO)
        async with partner_server(answers("200 OK")) as server, HttpPush(server.trust) as push:
            with pytest.raises(NeedsAction, match="certificate"):
                await push.send(MESSAGE, partner(server.url, keys))
            assert server.requests == []

    async def test_that_cannot_be_used_needs_action(self, authority: trustme.CA) -> None:
        one, other = client_keys(authority), client_keys(authority)
        wrong = [
            {"tls_key": one["tls_key"], "tls_certificate": other["tls_certificate"]},
            {"tls_key": one["tls_key"]},
            {"tls_certificate": one["tls_certificate"]},
            {**one, "tls_key": b"no key"},
        ]
        async with partner_server(answers("200 OK")) as server:
            for keys in wrong:
                async with HttpPush(server.trust) as push:
                    with pytest.raises(NeedsAction, match="certificate") as caught:
                        await push.send(MESSAGE, partner(server.url, keys))
                    assert caught.value.__suppress_context__
            assert server.requests == []

    async def test_does_not_loosen_whom_the_hub_trusts(self, authority: trustme.CA) -> None:
        async with partner_server(answers("200 OK")) as trusted, partner_server(answers("200 OK")) as other:
            async with HttpPush(trusted.trust) as push:
                with pytest.raises(NeedsAction, match="certificate"):
                    await push.send(MESSAGE, partner(other.url, client_keys(authority)))
                wrong_name = trusted.url.replace("127.0.0.1", "localhost")
                with pytest.raises(NeedsAction, match="certificate"):
                    await push.send(MESSAGE, partner(wrong_name, client_keys(authority)))
            assert other.requests == trusted.requests == []


class TestServerCertificate:
    @pytest.mark.parametrize("keys", [NO_KEYS, client_keys(trustme.CA())], ids=["plain", "mutual"])
    async def test_that_has_expired_needs_action(self, keys: Mapping[str, bytes]) -> None:
        async with (
            partner_server(answers("200 OK"), not_after=LONG_AGO) as server,
            HttpPush(server.trust) as push,
        ):
            with pytest.raises(NeedsAction, match="certificate"):
                await push.send(MESSAGE, partner(server.url, keys))
            assert server.requests == []
