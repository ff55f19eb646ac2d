"""Who is let in: certificates pinned, for TLS and signatures; addressing signed; attacks on signed XML."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from lxml import etree

from stafet_connectors.police import connector
from stafet_connectors.police.addressing import OBJECT_ACTION, STATUS_ACTION
from stafet_connectors.police.messages import LIST_ACTION
from stafet_connectors.police.samples import (
    CANARIES,
    MESSAGE_ID,
    TRANSACTION,
    addressed,
    client_certificate,
    form,
    partner,
    police,
    post,
    release,
    request_of,
    saying,
    signed,
)
from stafet_connectors.police.simulator_messages import wrapped
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Accepted, Partner, Request
from stafet_sdk.errors import InboundRefused
from stafet_sdk.soap import (
    ANONYMOUS,
    BODY,
    DS,
    HEADER,
    SECURITY,
    WSA,
    WSU_ID,
    Addressing,
    signed_envelope,
)
from stafet_sdk.soapcheck import open_addressed
from stafet_sdk.xml import Element, parse
from tests.connectors.police_taken import accepted
from tests.connectors.xmlsec_side import XmlsecSide, der, issued

Spoil = Callable[[Element], object]


def refusal(request: Request, by: Partner | None = None, at: datetime = NOW) -> InboundRefused:
    """Offer what must be refused, without a value in what is said of it."""
    with pytest.raises(InboundRefused) as caught:
        connector.accept(request, by or partner(), at)
    answer = connector.reply(caught.value, request, by or partner(), at)
    assert not [canary for canary in CANARIES if canary in f"{caught.value} {answer.body.decode()}"]
    return caught.value


def spoilt(spoil: Spoil) -> Request:
    """Sign a referral and change it afterwards."""
    root = parse(signed(request_of(form())))
    spoil(root)
    return post(etree.tostring(root))


def with_keys(**keys: bytes) -> Partner:
    """Give the police with other pinned certificates."""
    return replace(partner(), keys={**partner().keys, **keys})


def header(root: Element, name: str) -> Element:
    """Find an addressing header."""
    found = root.find(f"{HEADER}/{{{WSA}}}{name}")
    assert found is not None
    return found


class TestClientCertificates:
    def test_none_is_refused(self) -> None:
        error = refusal(replace(post(signed(request_of(form()))), client_certificate=None))
        assert (error.code, error.status) == ("client_certificate_missing", 401)

    def test_another_is_refused(self) -> None:
        other = der(issued("stranger").certificate)
        error = refusal(replace(post(signed(request_of(form()))), client_certificate=other))
        assert (error.code, error.status) == ("client_certificate_unknown", 403)

    def test_an_expired_one_is_refused_though_it_is_pinned(self) -> None:
        old = issued("police-tls", until=NOW - timedelta(days=1))
        request = replace(post(signed(request_of(form()))), client_certificate=der(old.certificate))
        error = refusal(request, with_keys(partner_tls_certificate=old.certificate))
        assert (error.code, error.status) == ("client_certificate_expired", 403)

    def test_of_two_that_are_pinned_either_will_do(self) -> None:
        old, new = issued("police-old"), partner().keys["partner_tls_certificate"]
        both = with_keys(partner_tls_certificate=old.certificate + new)
        for shown in (der(old.certificate), client_certificate()):
            request = replace(post(signed(request_of(form()))), client_certificate=shown)
            assert connector.accept(request, both, NOW) == accepted(post(signed(request_of(form()))))


class TestSigningCertificates:
    def test_of_two_that_are_pinned_either_will_do(self) -> None:
        new = issued("police-new")
        both = with_keys(partner_certificate=police().certificate + new.certificate)
        for by in (police(), new):
            envelope = connector.accept(post(signed(request_of(form()), by=by)), both, NOW)
            assert envelope == accepted(post(signed(request_of(form()))))

    def test_an_expired_one_is_refused_though_it_is_pinned(self) -> None:
        old = issued("police", until=NOW - timedelta(days=1))
        both = with_keys(partner_certificate=police().certificate + old.certificate)
        error = refusal(post(signed(request_of(form()), by=old)), both)
        assert (error.code, error.status) == ("certificate_expired", 401)

    def test_one_that_is_not_pinned_any_more_is_refused(self) -> None:
        assert refusal(post(signed(request_of(form()), by=issued("police")))).code == "signature_invalid"


class TestAddressing:
    @pytest.mark.parametrize("name", ["MessageID", "To", "Action"])
    def test_a_missing_header_is_named(self, name: str) -> None:
        field = {"MessageID": "message_id", "To": "to", "Action": "action"}[name]
        said = replace(addressed(), **{field: ""})
        error = refusal(post(signed(request_of(form()), addressing=said)))
        assert (error.code, error.fields) == ("addressing_missing", (name,))

    def test_none_at_all_is_refused(self) -> None:
        error = refusal(post(signed_envelope(request_of(form()), police(), NOW)))
        assert (error.code, error.fields) == ("addressing_missing", ("MessageID", "To", "Action"))

    @pytest.mark.parametrize(
        ("said", "name"),
        [
            (addressed(LIST_ACTION), "Action"),
            (replace(addressed(), to="https://hub.example/agencies/redcross/inbox"), "To"),
            (replace(addressed(), message_id="urn:uuid:Gaxipypuno"), "MessageID"),
            (replace(addressed(), message_id=TRANSACTION), "MessageID"),
        ],
    )
    def test_one_that_does_not_fit_the_call_is_named(self, said: Addressing, name: str) -> None:
        error = refusal(post(signed(request_of(form()), addressing=said)))
        assert (error.code, error.fields) == ("addressing_invalid", (name,))

    @pytest.mark.parametrize("name", ["MessageID", "To", "Action", "From", "ReplyTo"])
    def test_every_header_is_signed(self, name: str) -> None:
        def change(root: Element) -> None:
            at = header(root, name)
            holder = at[0] if len(at) else at
            holder.text = f"{holder.text}x"

        assert refusal(spoilt(change)).code == "signature_invalid"

    @pytest.mark.parametrize("name", ["MessageID", "ReplyTo"])
    def test_a_header_that_the_signature_leaves_out_is_refused(self, name: str) -> None:
        side = XmlsecSide(police(), leave_out=(name,))
        body = side.signed(request_of(form()), addressed(), NOW)
        assert refusal(post(body)).code == "signature_invalid"

    @pytest.mark.parametrize("name", ["ReplyTo", "FaultTo"])
    @pytest.mark.parametrize(
        "address", ["http://169.254.169.254/latest/meta-data", "https://127.0.0.1/", f"{WSA}/none", ""]
    )
    def test_an_address_to_answer_to_is_refused_unseen(self, name: str, address: str) -> None:
        side = XmlsecSide(police(), answer_to={name: address})
        error = refusal(post(side.signed(request_of(form()), addressed(), NOW)))
        assert (error.code, error.fields) == ("reply_to", (name,))
        assert address not in str(error) or not address

    def test_a_second_or_unknown_header_is_refused(self) -> None:
        def twice(root: Element) -> None:
            header(root, "MessageID").addnext(copy.deepcopy(header(root, "Action")))

        def unknown(root: Element) -> None:
            etree.SubElement(root[0], f"{{{WSA}}}Relationship").text = "x"

        # The copy of a header has the same wsu:Id.
        assert refusal(spoilt(twice)).code == "signature_invalid"
        assert refusal(spoilt(unknown)).code == "addressing_invalid"

    def test_answers_relate_to_the_question_and_are_their_own_message(self) -> None:
        request = post(signed(request_of(form())))
        outcomes = Accepted(TRANSACTION, TRANSACTION, NOW, again=False), InboundRefused("conflict", "no")
        said = [
            open_addressed(
                parse(connector.reply(each, request, partner(), NOW).body),
                partner().keys["hub_certificate"],
                NOW,
            ).addressing
            for each in outcomes
        ]
        assert {each.relates_to for each in said} == {MESSAGE_ID}
        assert {each.to for each in said} == {ANONYMOUS}
        assert said[0].message_id != said[1].message_id
        assert said[1].action == f"{WSA}/soap/fault"

    @pytest.mark.parametrize("body", [b"", b"<broken", b"<a/>"])
    def test_an_answer_to_nothing_readable_relates_to_nothing(self, body: bytes) -> None:
        reply = connector.reply(InboundRefused("malformed", "line 1"), post(body), partner(), NOW)
        opened = open_addressed(parse(reply.body), partner().keys["hub_certificate"], NOW)
        assert opened.addressing.relates_to == ""

    @pytest.mark.parametrize(("name", "action"), [("notice", OBJECT_ACTION), ("accepted", STATUS_ACTION)])
    def test_every_attempt_of_a_delivery_is_the_same_message(self, name: str, action: str) -> None:
        said = set[Addressing]()
        for at in (NOW, NOW + timedelta(minutes=3)):
            sent = connector.from_hub(release(name), partner(), at)
            said.add(open_addressed(parse(sent.body), partner().keys["hub_certificate"], at).addressing)
        (once,) = said
        assert once.message_id == f"urn:uuid:{release(name).delivery}"
        assert (once.action, once.to) == (action, partner().endpoint)
        assert once.relates_to == ("" if name == "notice" else f"urn:uuid:{TRANSACTION}")


def moved_body(root: Element) -> None:
    """Put the signed Body where nobody reads it, and another in its place."""
    fresh = parse(wrapped(etree.tostring(root)))
    root[:] = list(fresh)


def body_without_id(root: Element) -> None:
    """Like `moved_body`, with a Body that has no Id."""
    moved_body(root)
    del root[-1].attrib[WSU_ID]


def duplicated_id(root: Element) -> None:
    """Put a copy of the Body, with its Id, before the signed one."""
    extra = etree.SubElement(root[0], "{urn:x}Wrapper")
    extra.append(copy.deepcopy(root[-1]))


def second_body(root: Element) -> None:
    """Put a second Body behind the signed one."""
    other = copy.deepcopy(root[-1])
    other.set(WSU_ID, "other")
    root.append(other)


def body_in_the_signature(root: Element) -> None:
    """Hide the signed Body in an Object of the signature."""
    signed_body, other = root[-1], copy.deepcopy(root[-1])
    other.set(WSU_ID, "other")
    root.replace(signed_body, other)
    signature = next(root.iter(f"{{{DS}}}Signature"))
    etree.SubElement(signature, f"{{{DS}}}Object").append(signed_body)


def second_security(root: Element) -> None:
    """Put a second Security header before the first."""
    root[0].insert(0, etree.Element(SECURITY))


def second_signature(root: Element) -> None:
    """Put a copy of the signature into the Body."""
    root[-1].append(copy.deepcopy(next(root.iter(f"{{{DS}}}Signature"))))


def wrapped_header(root: Element) -> None:
    """Move the signed Action aside, and say another."""
    action = header(root, "Action")
    other = copy.deepcopy(action)
    other.set(WSU_ID, "other")
    other.text = LIST_ACTION
    root[0].replace(action, other)
    etree.SubElement(root[0], "{urn:x}Wrapper").append(action)


def other_namespace_id(root: Element) -> None:
    """Give the Body's Id to something else under another attribute's name."""
    etree.SubElement(root[0], "{urn:x}Wrapper").set("ID", root[-1].get(WSU_ID, ""))


class TestAttacks:
    @pytest.mark.parametrize(
        "spoil",
        [
            moved_body, body_without_id, duplicated_id, body_in_the_signature, second_security,
            second_signature, wrapped_header, other_namespace_id,
        ],
        ids=lambda spoil: spoil.__name__,
    )  # fmt: skip
    def test_wrapping_is_refused(self, spoil: Spoil) -> None:
        assert refusal(spoilt(spoil)).code == "signature_invalid"

    def test_a_second_body_is_no_envelope(self) -> None:
        assert refusal(spoilt(second_body)).code == "malformed"

    def test_the_attacks_are_refused_for_what_they_do(self) -> None:
        # Without an attack the same way of building passes: it is not refused for something else.
        assert accepted(spoilt(lambda root: root)).message_id == TRANSACTION
        assert root_bodies(spoilt(moved_body)) == 2

    def test_a_replayed_message_is_the_same_message(self) -> None:
        request = post(signed(request_of(form())))
        assert accepted(request, NOW + timedelta(minutes=4)) == accepted(request)

    def test_a_replay_after_five_minutes_is_refused(self) -> None:
        request = post(signed(request_of(form())))
        assert refusal(request, at=NOW + timedelta(minutes=6)).code == "stale_timestamp"

    def test_other_content_under_the_same_ids_is_not_equal(self) -> None:
        first, other = (accepted(post(signed(request_of(each)))) for each in (form(), saying("Koen", "Mand")))
        assert first.message_id == other.message_id
        assert first.content == accepted(post(signed(request_of(form())))).content


def root_bodies(request: Request) -> int:
    """Count the Bodies anywhere in a message."""
    return sum(1 for _ in parse(request.body).iter(BODY))
