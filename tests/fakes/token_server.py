"""A partner that wants tokens: what its token endpoint and its interface answer, by path."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from tests.fakes.partner_server import PartnerServer, Writer, answers

Answer = tuple[str, str, bytes]


@dataclass
class TokenPartner:
    """A script for `partner_server`: issues tokens by number, takes those that are `good`.

    `issue` makes the answer of the token endpoint; `served` is set by the test.
    """

    issue: Callable[[int], Answer]
    good: set[str] = field(default_factory=set[str])
    served: PartnerServer | None = None
    issued: int = 0

    async def __call__(self, writer: Writer) -> None:
        """Answer the newest request."""
        assert self.served is not None
        request = self.served.requests[-1]
        if request.startswith(b"POST /token "):
            self.issued += 1
            await answers(*self.issue(self.issued))(writer)
        else:
            token = request.partition(b"authorization: Bearer ")[2].split(b"\r\n")[0].decode()
            await answers("200 OK" if token in self.good else "401 No")(writer)

    def asked(self) -> list[dict[str, list[str]]]:
        """Read what was said to the token endpoint, form by form."""
        assert self.served is not None
        forms = [each.split(b"\r\n\r\n", 1)[1] for each in self.served.requests if b" /token " in each]
        return [parse_qs(each.decode()) for each in forms]


def token(value: str, **more: object) -> Answer:
    """Make a good answer of a token endpoint."""
    said = {"access_token": value, "token_type": "Bearer", "expires_in": 600} | more
    return "200 OK", "content-type: application/json\r\n", json.dumps(said).encode()


def numbered(number: int) -> Answer:
    """Issue t-1, t-2, ..."""
    return token(f"t-{number}")
