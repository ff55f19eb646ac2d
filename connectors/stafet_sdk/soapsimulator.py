"""The system of an agency with plain words in SOAP: as that of plain JSON, in signed envelopes."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import cached_property

from starlette.responses import Response

from stafet_sdk.certification.soapsamples import SoapSamples, credentials
from stafet_sdk.contract import Request
from stafet_sdk.jsonsimulator import Desk, simulator
from stafet_sdk.simulator import SimulatorOptions
from stafet_sdk.soap import CONTENT_TYPE, Credentials, signed_envelope, unsigned_envelope
from stafet_sdk.soapcheck import open_signed
from stafet_sdk.soapconnector import HEADERS, TAKEN, SoapConnector
from stafet_sdk.xml import grow, parse


def soap_simulator(samples: SoapSamples) -> Callable[[SimulatorOptions], Awaitable[None]]:
    """Make what the entry point in the group `stafet.simulators` offers."""
    soap: SoapConnector = samples.soap

    class SoapDesk(Desk):
        """Where the agency meets the hub; its secret is its key."""

        @property
        def own_file(self) -> str:
            """Name the file of the agency's own key."""
            return "key.pem"

        @cached_property
        def certificate(self) -> bytes:
            """The agency's own certificate."""
            return (self.options.own / "certificate.pem").read_bytes()

        def opened(self, request: Request, known: bytes) -> tuple[dict[str, object], str | None]:
            """Read a message of the hub's.

            Raises:
                InboundRefused: it is not signed by the hub, or not whole.
            """
            return soap.read(open_signed(parse(request.body), known, datetime.now(UTC))), None

        def closed(self, message: dict[str, object], own: bytes) -> tuple[bytes, dict[str, str]]:
            """Write a signed envelope."""
            signer = Credentials(own, self.certificate)
            return signed_envelope(soap.write(message), signer, datetime.now(UTC)), HEADERS

        def taken(self) -> Response:
            """Answer that a message was taken."""
            body = unsigned_envelope(grow(soap.namespace, TAKEN, {}))
            return Response(body, headers={"content-type": CONTENT_TYPE})

        def stranger(self) -> bytes:
            """Give a key that does not fit the agency's certificate."""
            return credentials().key

    return simulator(samples, SoapDesk)
