"""Law 3 at the gateway: nothing of a person can be read here, and what is sealed does not open here."""

import hashlib

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from structlog.testing import capture_logs

from stafet.gateway.adapters import SealingKeys
from stafet_connectors.police.samples import saying
from stafet_runtime.sealing import HEADER_BYTES, SUITE
from tests.services.gateway.samples import (
    SECRETS,
    answer,
    content_of,
    referral,
    shapes,
    transaction,
    with_stranger,
    without,
)
from tests.services.gateway.serving import DIGEST_KEY, Gateway

CONTEXT = b"police/receipt-1"


class TestNothingOfAPerson:
    async def test_is_in_any_table_event_or_log(self, gateway: Gateway) -> None:
        seen = b""
        with capture_logs() as logs:
            about = await gateway.submit(referral())
            gateway.vault.closed = True
            await gateway.accept(
                referral(number=2),
                referral(saying("Prioritet", "Gaxipypuno"), number=3),
                referral(with_stranger(), number=4),
                referral(without("Koen"), number=5),
                answer(about.referral),
                answer(about.referral, message="answer-0002", prs_FirstName="Gaxipypuno"),
            )
            await gateway.translate()
            seen += await gateway.every_byte()
            gateway.vault.closed = False
            gateway.clock.advance(1)
            while await gateway.processor().retry_parked():
                pass
            seen += await gateway.every_byte() + str(logs).encode()
        # The search sees what there is: ids and field names are found, in events and in parked records.
        assert [
            word for word in (about.referral, transaction(2), "Koen", "parked") if word.encode() not in seen
        ] == []
        assert len(await gateway.sealed()) == 2
        found = [secret for secret in SECRETS for shape in shapes(secret) if shape in seen]
        assert found == []


class TestWhatIsSealed:
    async def test_opens_in_the_vault_and_nowhere_else(self, gateway: Gateway) -> None:
        request = referral()
        await gateway.accept(request)
        [sealed] = await gateway.sealed()
        context = f"police/{await gateway.receipt(transaction(1))}".encode()
        assert await gateway.vault.open_message(sealed, context) == request.body
        with pytest.raises(InvalidTag):
            SUITE.decrypt(
                sealed[HEADER_BYTES:], X25519PrivateKey.generate(), info=sealed[:HEADER_BYTES] + context
            )

    async def test_does_not_open_as_another_message(self, gateway: Gateway) -> None:
        await gateway.accept(referral(), referral(number=2))
        sealed = await gateway.database.pool.fetchval("select sealed from messages order by message limit 1")
        other = await gateway.receipt(transaction(2))
        with pytest.raises(ValueError, match="does not open"):
            await gateway.vault.open_message(sealed, f"police/{other}".encode())

    async def test_cannot_be_opened_by_what_the_gateway_was_given(self, gateway: Gateway) -> None:
        """It holds a public key and a digest key: neither has a way back."""
        keys = SealingKeys(gateway.vault.seal_key, DIGEST_KEY)
        assert sorted(name for name in dir(keys) if not name.startswith("_")) == ["digest", "seal"]
        assert keys.seal(b"x" * 100, CONTEXT) != keys.seal(b"x" * 100, CONTEXT)

    async def test_cannot_be_guessed_by_its_digest(self, gateway: Gateway) -> None:
        await gateway.accept(referral())
        digest = await gateway.database.pool.fetchval("select digest from messages")
        order = content_of(referral())
        assert digest != hashlib.sha256(order).digest()
        assert digest == SealingKeys(gateway.vault.seal_key, DIGEST_KEY).digest(order)
        assert digest != SealingKeys(gateway.vault.seal_key, bytes(32)).digest(order)
