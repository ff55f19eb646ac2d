"""Errors of connectors, named by what happens next. None of them carries a value of a message.

ConnectorError
+-- InboundRefused       the sender gets `status` and the reason now; nothing was accepted
+-- MappingError         an accepted message cannot be used: the sender is told the fields
+-- DeliveryError        a message did not land
    +-- Retriable        try again later
    |   +-- Throttled    try again when the partner says
    |   +-- Unknown      it may have landed: try again with the same id, and say that nobody knows
    +-- ContractBroken   the answer makes no sense: a developer must look
    +-- Refused          the partner says no to this message: a human decides
    +-- NeedsAction      nothing will land until somebody acts (certificate, key, address)
        +-- NoWord       the agency's protocol cannot say it: somebody tells them another way
"""

from collections.abc import Sequence
from typing import ClassVar, Final

NO_WORD: Final = "no_word"
ENDPOINT_CLOSED: Final = "endpoint_closed"
NOBODY_THERE: Final = "connect"
"""Cause of a NeedsAction: the agency takes nothing any more, and all that is for it waits for a human."""


class ConnectorError(Exception):
    """Root of all errors a connector may raise; anything else is a bug."""


class InboundRefused(ConnectorError):  # noqa: N818 - an outcome by the name of what happens next
    """The sender gets a clear answer now and nothing is accepted.

    `status` is the HTTP status; `code` is stable and documented; `fields` names fields, never values.
    """

    def __init__(self, code: str, detail: str, *, status: int = 400, fields: Sequence[str] = ()) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status = status
        self.fields = tuple(fields)


class MappingError(ConnectorError):
    """A message that cannot be translated: `problems` are (field, what is wrong with it) pairs."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in problems))
        self.problems = problems


class DeliveryError(ConnectorError):
    """A message did not land; `cause` is a short code such as `http_503` or `timeout`."""

    failure: ClassVar[str] = "bug"
    final: ClassVar[bool] = True

    def __init__(self, cause: str, *, retry_after: float | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.retry_after = retry_after


class Retriable(DeliveryError):  # noqa: N818 - named by what happens next
    """The partner is down, slow or in trouble: try again by the schedule."""

    failure = "retriable"
    final = False


class Throttled(Retriable):
    """The partner asks to wait; `retry_after` in seconds."""

    failure = "throttled"


class Unknown(Retriable):
    """The request left whole and no whole answer came back: it may have landed, or not.

    It is sent again with the same id, which lets the partner drop a repetition.
    """

    failure = "unknown"


class ContractBroken(DeliveryError):  # noqa: N818 - named by what happens next
    """The partner answered something its contract does not know (HTML, a redirect, a wrong shape)."""

    failure = "contract_broken"


class Refused(DeliveryError):  # noqa: N818 - named by what happens next
    """The partner's system refuses this message."""

    failure = "refused"


class NeedsAction(DeliveryError):  # noqa: N818 - named by what happens next
    """Credentials or address are not accepted, or the partner closed its endpoint."""

    failure = "needs_action"


class NoWord(NeedsAction):
    """The agency's protocol has no word for this part: nothing can be sent, so a human tells them."""

    def __init__(self) -> None:
        super().__init__(NO_WORD)
