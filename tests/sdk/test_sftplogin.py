"""A session that is cancelled ends as cancelled, whatever its server does meanwhile."""

import asyncio

import pytest

from stafet_sdk.errors import DeliveryError, Retriable
from stafet_sdk.sftplogin import translated


async def _losing_its_server(entered: asyncio.Event) -> None:
    """Wait in a session; when that is cut off, closing it fails, too."""
    with translated():
        try:
            entered.set()
            await asyncio.Event().wait()
        finally:
            raise ConnectionResetError


class TestTranslated:
    async def test_what_fails_while_it_is_cancelled_is_no_answer(self) -> None:
        entered = asyncio.Event()
        task = asyncio.create_task(_losing_its_server(entered))
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    async def test_any_other_failure_is_named(self) -> None:
        with pytest.raises(Retriable) as caught, translated():
            raise ConnectionResetError
        assert isinstance(caught.value, DeliveryError)
        assert caught.value.cause == "connect"
