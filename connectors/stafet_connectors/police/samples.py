"""What the police's connector is certified by; the messages themselves are in `samples_base`."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lxml import etree

from stafet_connectors.police import connector, samples_more
from stafet_connectors.police.fields import NAMESPACE
from stafet_connectors.police.mapping import RECEIPTS
from stafet_connectors.police.messages import ANSWER_REQUEST, SEND_REQUEST, receipt_response
from stafet_connectors.police.samples_base import (
    ALL_FIELDS,
    CANARIES,
    GOLDEN,
    IDENTIFIERS,
    MESSAGE_ID,
    PATH,
    REQUIRED,
    TRANSACTION,
    addressed,
    body_of,
    client_certificate,
    credentials,
    form,
    partner,
    police,
    post,
    receipt,
    release,
    request_of,
    saying,
    signed,
    tight,
    with_basis,
    without,
)
from stafet_connectors.police.schema import FOLDER, SENDER, broken_fields
from stafet_connectors.police.wording import PARTS
from stafet_sdk.certification.samples import NOW, Copies, Promise, Rotation, Samples
from stafet_sdk.contract import Outbound, Partner, Reply, Request
from stafet_sdk.draft import Draft, Release
from stafet_sdk.soap import CONTENT_TYPE, unsigned_envelope
from stafet_sdk.soapcheck import open_signed
from stafet_sdk.xml import Element, canonical, grow, local_name, parse

__all__ = (
    "ALL_FIELDS", "CANARIES", "GOLDEN", "IDENTIFIERS", "MESSAGE_ID", "PATH", "REQUIRED", "TRANSACTION",
    "PoliceSamples", "addressed", "body_of", "client_certificate", "credentials", "form", "partner", "police",
    "post", "receipt", "release", "request_of", "samples", "saying", "signed", "with_basis", "without",
)  # fmt: skip


class PoliceSamples(Samples):
    """Referral forms and receipts in, receipts and objects out."""

    connector = connector
    canaries = CANARIES

    def partner(self) -> Partner:
        """Give the police as the hub has them configured."""
        return partner()

    def request(self) -> Request:
        """Give a signed referral."""
        return post(signed(request_of(form())))

    def releases(self) -> Sequence[Release]:
        """Give every receipt that SF2900 has a word for, and every object."""
        return [release(name) for name in (*RECEIPTS, *PARTS, "proposal")]

    def incomplete(self) -> Iterator[tuple[str, bytes]]:
        """Leave out each required element."""
        for name in REQUIRED:
            yield name, body_of(without(name))

    def unknown(self) -> tuple[str, bytes]:
        """Add an element that no form has."""
        newer = form()
        newer.append(grow(NAMESPACE, "Skostoerrelse", "Gaxipypuno"))
        return "Skostoerrelse", body_of(newer)

    def malformed(self) -> Iterator[tuple[str, bytes]]:
        """Spoil each element that has a shape."""
        return samples_more.malformed()

    def strange_codes(self) -> Iterator[tuple[str, bytes]]:
        """Say a code that is on no list."""
        return samples_more.strange_codes()

    def copies(self) -> Copies:
        """Repeat a referral, and abuse its id."""
        return samples_more.copies()

    def rotated(self) -> Rotation:
        """Change both certificates of the police."""
        return samples_more.rotated()

    def drawn(self, source: random.Random) -> tuple[bytes, Draft]:
        """Fill in a form at random."""
        return samples_more.drawn(source)

    def promises(self) -> Mapping[str, Promise]:
        """Promise what each script ends in; those of late or absent receipts end in nothing at the hub."""
        return samples_more.PROMISES

    def invalid(self, outbound: Outbound) -> Sequence[str]:
        """Hold a message to the schemas of SF2900, and the form in it to its own."""
        message = open_signed(parse(outbound.body), partner().keys["hub_certificate"], NOW)
        forms = [each[0] for each in message.iter(f"{{{SENDER}}}FormularXML")]
        return [*broken_fields(message), *(local_name(each) for each in forms if not _fits(each))]

    def took_it(self) -> Reply:
        """Give the signed answer to a receipt."""
        return Reply(200, {"content-type": CONTENT_TYPE}, signed(receipt_response()))

    def wrapped(self, message: bytes) -> bytes:
        """Put a receipt or an announcement, or a form as part of a referral, into its envelope."""
        content = parse(message)
        whole = content.tag in {ANSWER_REQUEST, SEND_REQUEST}
        return unsigned_envelope(content) if whole else body_of(content)

    def unwrapped(self, outbound: Outbound) -> bytes:
        """Take the message out of its signed envelope."""
        return canonical(open_signed(parse(outbound.body), partner().keys["hub_certificate"], NOW))

    def same(self, left: bytes, right: bytes) -> bool:
        """Compare as XML: indentation of the golden file says nothing."""
        return tight(left) == tight(right)


samples: Final = PoliceSamples()


def _fits(form_element: Element) -> bool:
    schema = etree.XMLSchema(etree.parse(str(FOLDER / "anmodning.xsd")))
    return bool(schema.validate(parse(canonical(form_element))))
