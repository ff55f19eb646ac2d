"""Where messages are fetched of an agency that does not send them: what each transport offers the hub."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from stafet_sdk.contract import Answered, Connector, Outcome, Partner, Request
from stafet_sdk.errors import InboundRefused

Settle = Callable[[Sequence[Outcome | Answered]], Awaitable[None]]


async def nothing_to_say(outcomes: Sequence[Outcome | Answered], /) -> None:
    """Settle a batch whose agency is not told what became of it."""
    del outcomes


@dataclass(frozen=True, slots=True, repr=False)
class Batch:
    """What was fetched at once: a page of a list, a file. `more` says that there is another one now.

    `settle` tells the agency what became of it, with one outcome for each request, in their order; it is
    called when all have one and before `cursor` is kept, so it may be called again for the same batch.
    It may raise DeliveryError: then the batch is fetched again. `refused` is what was found and is of
    no use as a whole, for the log.
    """

    requests: tuple[Request, ...]
    cursor: str
    more: bool = False
    settle: Settle = nothing_to_say
    refused: tuple[InboundRefused, ...] = ()


class Source(Protocol):
    """One agency's messages to fetch."""

    @property
    def agency(self) -> str:
        """Code of the agency."""
        ...

    @property
    def interval_s(self) -> float:
        """Seconds to wait when there was nothing more."""
        ...

    async def fetch(self, cursor: str, /) -> Batch:
        """Fetch what comes after `cursor`, which is empty at first; nothing new is a batch without requests.

        Raises:
            DeliveryError: it could not be fetched; the subclass says what happens next.
        """
        ...


Fetch = Callable[[Connector, Partner], Source]
"""Makes the source of an agency whose manifest names the transport."""
