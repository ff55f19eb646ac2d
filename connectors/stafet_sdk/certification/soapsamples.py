"""Samples of an agency with plain words in SOAP: as those of plain JSON, in signed envelopes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from stafet_sdk.certification.jsonsamples import JsonSamples, Said
from stafet_sdk.certification.samples import NOW, Promise
from stafet_sdk.contract import Outbound, Partner, Reply, Request
from stafet_sdk.errors import ContractBroken
from stafet_sdk.soap import Credentials, body_child, signed_envelope, unsigned_envelope
from stafet_sdk.soapconnector import HEADERS, TAKEN, SoapConnector
from stafet_sdk.xml import canonical, grow, parse

# A signature by RSA is the same each time, so that a release is worded the same each time.
_BITS: Final = 2048


class SoapSamples(JsonSamples):
    """Inherit in the connector's `samples.py`, see `JsonSamples`."""

    @property
    def soap(self) -> SoapConnector:
        """The connector."""
        return cast("SoapConnector", self.json)

    @cached_property
    def hub(self) -> Credentials:
        """The hub's own."""
        return credentials()

    @cached_property
    def signers(self) -> list[Credentials]:
        """The agency's, the next ones, and a stranger's."""
        return [credentials() for _ in range(3)]

    def body(self, said: Said) -> bytes:
        """Write a message as it comes."""
        return unsigned_envelope(self.soap.write(said))

    def golden_message(self, said: Said) -> bytes:
        """Write a message as its golden file has it."""
        return canonical(self.soap.write(said)) + b"\n"

    def wrapped(self, message: bytes) -> bytes:
        """Put a golden message into an envelope."""
        return unsigned_envelope(parse(message))

    def unwrapped(self, outbound: Outbound) -> bytes:
        """Take what an envelope holds."""
        return canonical(body_child(parse(outbound.body))) + b"\n"

    def took_it(self) -> Reply:
        """Give the agency's answer when it took a message."""
        return Reply(200, HEADERS, unsigned_envelope(grow(self.soap.namespace, TAKEN, {})))

    def forged(self) -> Iterator[Request]:
        """Yield the request with a changed byte, signed by a stranger, and without a signature."""
        request, id_ = self.request(), str(self.first[self.json.words.name("id")]).encode()
        yield replace(request, body=request.body.replace(id_, id_[:-1] + b"9"))
        yield self.proven(self.first, 2)
        yield replace(request, body=self.body(self.first))

    def promises(self) -> Mapping[str, Promise]:
        """Promise what the generic simulator's scripts end in."""
        return {**super().promises(), "html": Promise(ContractBroken, "unexpected_answer")}

    def knowing(self, *numbers: int) -> Partner:
        """Give the agency as the hub has it configured, known by some of its certificates."""
        agency = self.json.manifest.agency
        known = b"".join(self.signers[number].certificate for number in numbers)
        own = {"hub_key": self.hub.key, "hub_certificate": self.hub.certificate, "partner_certificate": known}
        others: Mapping[str, bytes] = dict.fromkeys(self.json.manifest.keys, b"")
        return Partner(agency, f"https://{agency}.example/stafet", {}, {**others, **own})

    def proven(self, said: Said, pair: int = 0, at: datetime = NOW) -> Request:
        """Make the agency's request of a message, signed by one of its keys."""
        body = signed_envelope(self.soap.write(said), self.signers[pair], at)
        return Request("POST", f"/agencies/{self.json.manifest.agency}/inbox", HEADERS, body)


def credentials() -> Credentials:
    """Make a key with a certificate that holds around NOW."""
    key = rsa.generate_private_key(65537, _BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Stafet sample")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(NOW + timedelta(days=365))
        .sign(key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Credentials(pem, made.public_bytes(Encoding.PEM))
