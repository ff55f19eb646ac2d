"""Requests as the police and the Red Cross send them, good and bad, with what they are to be answered."""

import base64
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import httpx
from lxml import etree

from stafet_connectors.police import PoliceConnector, connector
from stafet_connectors.police import samples as police
from stafet_connectors.police.fields import NAMESPACE
from stafet_connectors.police.messages import SEND_ACTION
from stafet_connectors.police.simulator_messages import wrapped
from stafet_connectors.redcross import samples as redcross
from stafet_schemas.case import CaseErased, CaseErasedData
from stafet_schemas.groups import Group
from stafet_schemas.inbound import MessageReceived, MessageReceivedData
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Envelope, Partner, Request
from stafet_sdk.draft import Fields, ReferralDraft
from stafet_sdk.soap import CONTENT_TYPE, unsigned_envelope
from stafet_sdk.xml import Element
from tests.connectors.police_taken import accepted
from tests.connectors.xmlsec_side import XmlsecSide

RECEIPT = re.compile(rb"DistributionTransktionsID[^>]*>([0-9a-f-]{36})<")
REFERENCE = "POL-1-00001"
NOBODYS = "0192f3a0-0000-7000-8000-000000000001"
SECRETS = (*police.CANARIES, REFERENCE)
LAUGHS = b"<!DOCTYPE l [<!ENTITY a 'ha'>%s]><l>&i;</l>" % b"".join(
    b"<!ENTITY %c '%s'>" % (name, (b"&%c;" % (name - 1)) * 10) for name in b"bcdefghi"
)
"""A billion laughs: 400 bytes that would unfold to some two hundred million."""


@dataclass(frozen=True)
class Bad:
    """A request that must be refused, the status and the code of the answer."""

    name: str
    request: Request
    status: int
    code: str


def transaction(number: int) -> str:
    """Give the id of the police's message of that number."""
    return str(uuid.UUID(int=(4 << 76) | (2 << 62) | number))


def referral(
    form: Element | None = None, number: int = 1, *, envelope: int | None = None, **context: str
) -> Request:
    """Make a signed referral of the police, in an envelope of its own number unless another is given."""
    content = police.form() if form is None else form
    order = police.request_of(content, transaction=transaction(number), **context)
    said = UUID(int=number if envelope is None else envelope)
    return police.post(police.signed(order, addressing=police.addressed(message_id=f"urn:uuid:{said}")))


def answer(referral_id: str, name: str = "accepted", message: str = "answer-0001", **data: object) -> Request:
    """Make a signed answer of the Red Cross."""
    body = redcross.other_answer(name, stafet_referral=referral_id, **data)
    return redcross.signed(body.replace(f"answer-{name}".encode(), message.encode()), message_id=message)


def withdrawal(referral_id: str, message: str = "withdrawal-0001") -> Request:
    """Make the Red Cross's word that consent was withdrawn."""
    body = redcross.other_answer("consent_withdrawn", stafet_referral=referral_id)
    return redcross.signed(body.replace(b"consent-withdrawn-1", message.encode()), message_id=message)


def step_event(referral_id: str, message: str = "step-stay-missing", **data: object) -> Request:
    """Make the Red Cross's word that somebody is missing from a place."""
    body = redcross.other_answer("stay_missing", stafet_referral=referral_id, **data)
    return redcross.signed(body.replace(b"step-stay-missing", message.encode()), message_id=message)


def bad() -> Sequence[Bad]:
    """List what neither connector lets in."""
    good, plain = referral(), police.request_of(police.form())
    doctype = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + unsigned_envelope(plain)
    accepted = redcross.signed(redcross.answer("accepted"))
    other = redcross.other_answer("accepted")
    stranger = redcross.signed(other.replace(redcross.SOURCE.encode(), b"urn:uuid:0"))
    unknown = redcross.signed(other.replace(b"referral.accepted", b"referral.eaten"))
    xml = {"content-type": CONTENT_TYPE, "soapaction": f'"{SEND_ACTION}"'}
    return (
        *hostile(),
        Bad("police: broken XML", police.post(good.body[:-9]), 500, "malformed"),
        Bad("police: nothing", police.post(b""), 500, "malformed"),
        Bad("police: a document type and an entity", police.post(doctype), 500, "doctype"),
        Bad("police: no signature", police.post(unsigned_envelope(plain)), 401, "signature_missing"),
        Bad(
            "police: signed by somebody else",
            police.post(police.signed(plain, by=police.credentials("somebody"))),
            401,
            "signature_invalid",
        ),
        Bad(
            "police: changed after signing",
            police.post(good.body.replace(b"Akut", b"Lang")),
            401,
            "signature_invalid",
        ),
        Bad("police: another authority", referral(sender="20000002"), 403, "unknown_sender"),
        Bad("police: another action", police.post(good.body, "urn:slet"), 500, "unknown_action"),
        Bad("police: an envelope field that is none", referral(routed="x"), 500, "invalid"),
        Bad(
            "police: no XML", replace(good, headers=xml | {"content-type": "text/plain"}), 415, "content_type"
        ),
        Bad("police: not posted", replace(good, method="PUT"), 405, "method"),
        Bad("redcross: no JSON", redcross.signed(b"{", message_id="answer-accepted"), 400, "malformed"),
        Bad("redcross: no signature", replace(accepted, headers=xml), 401, "signature_missing"),
        Bad(
            "redcross: signed by somebody else",
            redcross.signed(accepted.body, private=redcross.HUB_PRIVATE),
            401,
            "signature_invalid",
        ),
        Bad("redcross: another source", stranger, 403, "unknown_sender"),
        Bad("redcross: another type", unknown, 422, "unknown_action"),
        Bad("redcross: not posted", replace(accepted, method="GET", body=b""), 405, "method_not_allowed"),
    )


def hostile() -> Sequence[Bad]:
    """List what is meant to do harm."""
    good, plain = referral(), police.request_of(police.form())
    metadata = XmlsecSide(police.police(), answer_to={"ReplyTo": "http://169.254.169.254/latest/"})
    there = police.post(metadata.signed(police.request_of(police.form()), police.addressed(), NOW))
    old = police.post(police.signed(plain, at=NOW - timedelta(hours=1)))
    unknown = replace(good, client_certificate=None)
    deep = police.post(b"<a>" * 1000 + b"</a>" * 1000)
    return (
        Bad("police: a billion laughs", police.post(LAUGHS), 500, "doctype"),
        Bad("police: a thousand levels", deep, 500, "malformed"),
        Bad("police: a Body aside", police.post(wrapped(good.body)), 401, "signature_invalid"),
        Bad("police: an hour old", old, 401, "stale_timestamp"),
        Bad("police: an address to answer to", there, 500, "reply_to"),
        Bad("police: no certificate", unknown, 401, "client_certificate_missing"),
    )


def with_stranger() -> Element:
    """Read the full form with a field nobody knows."""
    grown = police.form()
    etree.SubElement(grown, f"{{{NAMESPACE}}}Kaldenavn").text = "Gaxipypuno"
    return grown


def without(*fields: str) -> Element:
    """Read the full form without some of its elements."""
    spoilt = police.form()
    for field in fields:
        spoilt.remove(next(spoilt.iter(f"{{{NAMESPACE}}}{field}")))
    return spoilt


def never_accepted() -> MessageReceived:
    """Make the event of a message that is not there."""
    return MessageReceived(
        id=str(uuid.UUID(int=99)),
        source="/stafet/gateway",
        time=NOW,
        correlationid="gone",
        partitionkey="redcross",
        recordedtime=NOW,
        data=MessageReceivedData(agency="redcross", message="gone", size=1),
    )


def erased(case: str) -> CaseErased:
    """Make the event of a case that was erased."""
    return CaseErased(
        id=str(uuid.UUID(int=98)),
        source="/stafet/vault",
        time=NOW,
        correlationid=case,
        partitionkey=case,
        recordedtime=NOW,
        data=CaseErasedData(case=case, reason="no_longer_needed", recipients=("redcross",)),
    )


def receipt_of(response: httpx.Response) -> str:
    """Read the hub's id of a message from the answer to the police."""
    found = RECEIPT.search(response.content)
    assert found is not None
    return found.group(1).decode()


def content_of(request: Request) -> bytes:
    """Give what the police's connector compares messages by."""
    return accepted(request).content


def draft_of(values: Mapping[Group, Fields]) -> ReferralDraft:
    """Make a draft of some values."""
    return ReferralDraft("ref", "redcross", values)


def shapes(secret: str) -> Iterator[bytes]:
    """Write a secret in every way it might be stored."""
    plain = secret.encode()
    yield plain
    yield secret.encode("utf-16-le")
    yield secret.encode("utf-16-be")
    for skipped in range(3):
        # Base64 works on three bytes at a time: whole groups inside the secret look the same in any text.
        whole = plain[skipped:]
        yield base64.b64encode(whole[: len(whole) // 3 * 3])


class Broken(PoliceConnector):
    """A connector with a bug that quotes its input."""

    def __init__(self) -> None:
        super().__init__(connector.manifest)

    def accept(self, request: Request, partner: Partner, now: datetime, /) -> Envelope:
        raise RuntimeError(f"cannot read {request.body!r} of {partner.agency} at {now}")


class Sloppy(PoliceConnector):
    """A connector that lets a name slip into a coded fact."""

    def __init__(self) -> None:
        super().__init__(connector.manifest)

    def to_hub(self, body: bytes, partner: Partner, /) -> ReferralDraft:
        draft = super().to_hub(body, partner)
        assert isinstance(draft, ReferralDraft)
        routing = {**draft.values[Group.ROUTING], "language": "Gaxipypuno"}
        return replace(draft, values={**draft.values, Group.ROUTING: routing})
