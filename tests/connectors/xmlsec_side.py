"""The other side of signed SOAP by xmlsec, which shares no code with ours: it signs, and it verifies."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import trustme
import xmlsec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from xmlsec import constants

from stafet_sdk.soap import (
    ANONYMOUS,
    BODY,
    DS,
    ENVELOPE,
    HEADER,
    LIFETIME,
    SECURITY,
    TIMESTAMP,
    WSA,
    WSU,
    WSU_ID,
    Addressing,
    Credentials,
)
from stafet_sdk.xml import Element, local_name


def der(pem: bytes) -> bytes:
    """Read a PEM certificate as DER."""
    return ssl.PEM_cert_to_DER_cert(pem.decode())


def issued(name: str, *, until: datetime | None = None) -> Credentials:
    """Make a key pair, valid from 2024 `until` then."""
    made = trustme.CA().issue_cert(
        f"{name}.example", not_before=datetime(2024, 1, 1, tzinfo=UTC), not_after=until
    )
    return Credentials(made.private_key_pem.bytes(), made.cert_chain_pems[0].bytes())


@dataclass(frozen=True, slots=True)
class XmlsecSide:
    """Signs with `credentials`, or verifies that they signed.

    `leave_out` names addressing headers that are said but not signed, `answer_to` adds addresses.
    """

    credentials: Credentials
    leave_out: tuple[str, ...] = ()
    answer_to: Mapping[str, str] = field(default_factory=dict[str, str])

    def signed(self, child: Element, addressing: Addressing, now: datetime) -> bytes:
        """Write a signed envelope, in another order than ours and with other ids."""
        root = etree.Element(ENVELOPE)
        header = etree.SubElement(root, HEADER)
        security = etree.SubElement(header, SECURITY)
        stamp = etree.SubElement(security, TIMESTAMP)
        for name, at in (("Created", now), ("Expires", now + LIFETIME)):
            etree.SubElement(stamp, f"{{{WSU}}}{name}").text = at.isoformat()
        self._address(header, addressing)
        etree.SubElement(root, BODY).append(child)
        self.sign(root)
        return etree.tostring(root)

    def sign(self, root: Element) -> None:
        """Sign all that is said in an envelope that has a Security header."""
        security = next(root.iter(SECURITY))
        parts = [root[-1], *security.findall(TIMESTAMP)]
        parts += [
            each
            for each in root[0]
            if each.tag.startswith(f"{{{WSA}}}") and local_name(each) not in self.leave_out
        ]
        key = load_pem_private_key(self.credentials.key, None)
        method = (
            constants.TransformRsaSha256
            if isinstance(key, rsa.RSAPrivateKey)
            else constants.TransformEcdsaSha256
        )
        signature = xmlsec.template.create(root, constants.TransformExclC14N, method)
        security.append(signature)
        context = xmlsec.SignatureContext()
        for number, each in enumerate(parts):
            each.set(WSU_ID, f"x{number}")
            context.register_id(each, "Id", WSU)
            reference = xmlsec.template.add_reference(signature, constants.TransformSha256, uri=f"#x{number}")
            xmlsec.template.add_transform(reference, constants.TransformExclC14N)
        context.key = xmlsec.Key.from_memory(self.credentials.key, constants.KeyDataFormatPem)
        context.sign(signature)

    def verified(self, body: bytes) -> set[str]:
        """Verify an envelope; return the names of what the signature covers.

        Raises:
            xmlsec.Error: it does not verify.
        """
        root = etree.fromstring(body)
        signature = next(root.iter(f"{{{DS}}}Signature"))
        context = xmlsec.SignatureContext()
        named = {each.get(WSU_ID): each for each in root.iter() if each.get(WSU_ID)}
        for each in named.values():
            context.register_id(each, "Id", WSU)
        context.key = xmlsec.Key.from_memory(self.credentials.certificate, constants.KeyDataFormatCertPem)
        context.verify(signature)
        uris = [each.get("URI", "") for each in signature.iter(f"{{{DS}}}Reference")]
        return {local_name(named[uri.removeprefix("#")]) for uri in uris}

    def _address(self, header: Element, addressing: Addressing) -> None:
        said = {"Action": addressing.action, "MessageID": addressing.message_id, "To": addressing.to}
        for name, text in said.items():
            etree.SubElement(header, f"{{{WSA}}}{name}").text = text
        for name, address in {"ReplyTo": ANONYMOUS, **self.answer_to}.items():
            party = etree.SubElement(header, f"{{{WSA}}}{name}")
            etree.SubElement(party, f"{{{WSA}}}Address").text = address
