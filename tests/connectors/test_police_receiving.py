"""The police as a receiver: whom they may ask for, what they are sent, and what their receipts mean."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from stafet_connectors.police import connector
from stafet_connectors.police.mapping import from_hub
from stafet_connectors.police.messages import (
    LIST_ACTION,
    RECEIPT_ACTION,
    VALIDATE_ACTION,
    Context,
    answer_request,
    business_receipt,
    object_response,
    transport_failure,
    transport_warning,
    with_types_of_sender,
)
from stafet_connectors.police.receipts import RUNGS
from stafet_connectors.police.samples import (
    IDENTIFIERS,
    MESSAGE_ID,
    addressed,
    partner,
    post,
    release,
    signed,
)
from stafet_connectors.police.schema import FOLDER, HUB, SENDER, broken_fields
from stafet_connectors.police.simulator_keys import SERVICES_OF, SUBJECTS
from stafet_connectors.police.wording import LAST, ROOT, SECTIONS, request_form
from stafet_schemas.groups import Group
from stafet_sdk.certification.samples import NOW
from stafet_sdk.contract import Accepted, Reply
from stafet_sdk.draft import AnswerDraft, Fields
from stafet_sdk.errors import ContractBroken, InboundRefused, MappingError, Refused, Retriable
from stafet_sdk.soap import CONTENT_TYPE, fault, unsigned_envelope
from stafet_sdk.soapcheck import open_addressed
from stafet_sdk.xml import Content, Element, canonical, grow, local_name, parse
from tests.connectors.police_taken import accepted, answer, answered

REFERRAL = "0190f6a0-0000-7000-8000-0000000000f2"
RECEIPT = "0190f6a0-0000-7000-8000-0000000000aa"
SERVICES = Path(__file__).parents[2] / "services" / "stafet"
POLICY = SERVICES / "vault" / "policy.toml"
RULES = SERVICES / "referrals" / "rules.toml"
UNKNOWN_ACTOR = "7c1f0a52-0000-4000-8000-00000000ffff"


def question(action: str, child: Element) -> dict[str, list[str]]:
    """Ask the hub; return the texts of its answer by name."""
    reply = answered(post(signed(child, addressing=addressed(action)), action)).reply
    opened = open_addressed(parse(reply.body), partner().keys["hub_certificate"], NOW)
    assert (reply.status, broken_fields(opened.child)) == (200, ())
    assert opened.addressing.relates_to == MESSAGE_ID
    found: dict[str, list[str]] = {}
    for each in opened.child.iter():
        if each.text:
            found.setdefault(local_name(each), []).append(each.text)
    return found


def listing(subject: str, *, asking: str = "", routed: str = "") -> Element:
    """Write FordelingsmodtagerList."""
    request = grow(HUB, "FordelingsmodtagerListRequest", {})
    content: dict[str, Content] = {
        "AfsendendeMyndighed": asking or IDENTIFIERS["cvr"],
        "RoutingMyndighed": routed or IDENTIFIERS["hub_cvr"],
        "RoutingKLEEmne": subject,
    }
    request.append(with_types_of_sender("Routing", content))
    return request


def validation(*pairs: tuple[str, str]) -> Element:
    """Write FordelingsmodtagerValider about pairs of authority and receiver."""
    request = grow(HUB, "FordelingsmodtagerValiderRequest", {"AfsendendeMyndighed": IDENTIFIERS["cvr"]})
    routing: tuple[Content, ...] = tuple(
        {"RoutingMyndighed": authority, "RoutingModtagerAktoer": actor} for authority, actor in pairs
    )
    request.append(with_types_of_sender("RoutingListe", {"Routing": routing}))
    return request


def receipt(receipt: dict[str, Content], *, routed: str = IDENTIFIERS["cvr"]) -> Element:
    """Write the police's receipt for a referral."""
    context = Context(REFERRAL, IDENTIFIERS["hub_cvr"], routed, IDENTIFIERS["uuid"], REFERRAL)
    return answer_request(receipt, context)


def told(child: Element) -> AnswerDraft:
    """Have the police's receipt accepted and translated."""
    body = signed(child, addressing=addressed(RECEIPT_ACTION))
    assert accepted(post(body, RECEIPT_ACTION)).message_id == MESSAGE_ID.rpartition(":")[2]
    return answer(body)


class TestQuestions:
    def test_the_receivers_of_a_subject_and_the_hub_that_chooses_one_are_listed(self) -> None:
        found = question(LIST_ACTION, listing("29.00.00"))
        assert found == {
            "SystemMyndighed": [IDENTIFIERS["hub_cvr"]] * 2,
            "SystemUUID": [IDENTIFIERS["agency_redcross"], IDENTIFIERS["hub_uuid"]],
            "SystemNavn": ["redcross", "hub"],
            "RoutingKLEEmne": ["29.00.00"] * 2,
        }

    @pytest.mark.parametrize("listed", [listing("55.00.00"), listing("29.00.00", routed="87654321")])
    def test_nobody_is_listed_for_another_subject_or_authority(self, listed: Element) -> None:
        assert question(LIST_ACTION, listed) == {}

    def test_each_receiver_is_judged(self) -> None:
        hub, redcross = IDENTIFIERS["hub_cvr"], IDENTIFIERS["agency_redcross"]
        pairs = [
            (hub, redcross.upper()),
            (hub, UNKNOWN_ACTOR),
            ("87654321", redcross),
            (hub, IDENTIFIERS["hub_uuid"]),
        ]
        found = question(VALIDATE_ACTION, validation(*pairs))
        assert found["KanModtage"] == ["true", "false", "false", "true"]
        assert found["RoutingModtagerAktoer"] == [actor for _, actor in pairs]

    def test_another_authority_gets_no_answer(self) -> None:
        body = signed(listing("29.00.00", asking="87654321"), addressing=addressed(LIST_ACTION))
        with pytest.raises(InboundRefused) as caught:
            connector.accept(post(body, LIST_ACTION), partner(), NOW)
        assert (caught.value.code, caught.value.status) == ("unknown_sender", 403)

    def test_a_malformed_question_names_its_field(self) -> None:
        body = signed(listing("ikke et emne"), addressing=addressed(LIST_ACTION))
        with pytest.raises(InboundRefused) as caught:
            connector.accept(post(body, LIST_ACTION), partner(), NOW)
        assert caught.value.fields == ("RoutingKLEEmne",)


class TestDevelopmentIdentifiers:
    def test_the_services_of_a_receiver_are_those_of_the_routing_rules(self) -> None:
        rules = tomllib.loads(RULES.read_text(encoding="utf-8"))["rules"]
        ruled: dict[str, set[str]] = {}
        for rule in rules:
            if "channel" not in rule:
                ruled.setdefault(rule["receiver"], set()).update(rule["services"])
        listed = {agency: set(services.split()) for agency, services in SERVICES_OF.items()}
        assert listed == {agency: services for agency, services in ruled.items() if agency != "police"}
        assert set(SUBJECTS) == {service for rule in rules for service in rule["services"]}
        assert len(set(SUBJECTS.values())) == len(SUBJECTS)


class TestReceiptsOfThePolice:
    @pytest.mark.parametrize(("said", "rung"), RUNGS.items())
    def test_each_means_a_rung(self, said: tuple[str, str], rung: str) -> None:
        draft = told(receipt(business_receipt(*said, "no_capacity")))
        assert (draft.referral, draft.rung) == (REFERRAL, rung)
        reasons = {"AFVIST": "no_capacity", "FEJLET": "unreadable"}
        assert draft.reason == reasons.get(said[0])

    def test_an_unlisted_reason_is_kept(self) -> None:
        assert (
            told(receipt(business_receipt("AFVIST", "Forretning", "moon_is_full"))).reason == "moon_is_full"
        )

    @pytest.mark.parametrize(
        ("reason", "problem"), [(None, "missing"), ("Gaxipypuno er her ikke", "not a code")]
    )
    def test_a_rejection_needs_a_code_and_prose_is_not_repeated(
        self, reason: str | None, problem: str
    ) -> None:
        with pytest.raises(MappingError) as caught:
            told(receipt(business_receipt("AFVIST", "Forretning", reason)))
        assert caught.value.problems == (("Begrundelse", problem),)
        assert "Gaxipypuno" not in str(caught.value)

    def test_a_type_that_does_not_go_with_the_code_is_named(self) -> None:
        with pytest.raises(MappingError) as caught:
            told(receipt(business_receipt("ACCEPTERET", "Digital post")))
        assert caught.value.problems[0][0] == "Kvitteringstype"

    def test_an_acceptance_keeps_its_warnings_as_codes(self) -> None:
        warned = [("MANUEL_KONTROL", "Gaxipypuno"), ("Gaxipypuno ringer", ""), ("manuel_kontrol", "igen")]
        draft = told(receipt(business_receipt("ACCEPTERET", "Forretning", found=warned)))
        assert draft.warnings == ("manuel_kontrol", "unnamed")
        assert "Gaxipypuno" not in repr(draft)

    def test_received_is_answered_and_not_kept(self) -> None:
        child = receipt(business_receipt("MODTAGET", "Teknisk"))
        reply = answered(post(signed(child, addressing=addressed(RECEIPT_ACTION)), RECEIPT_ACTION)).reply
        assert (reply.status, reply.headers["content-type"]) == (200, CONTENT_TYPE)

    def test_one_of_another_authority_is_refused(self) -> None:
        child = receipt(business_receipt("ACCEPTERET", "Forretning"), routed="87654321")
        with pytest.raises(InboundRefused) as caught:
            connector.accept(
                post(signed(child, addressing=addressed(RECEIPT_ACTION)), RECEIPT_ACTION), partner(), NOW
            )
        assert (caught.value.code, caught.value.fields) == ("unknown_sender", ("RoutingMyndighed",))

    def test_its_answer_is_empty_and_names_the_hubs_receipt_as_its_message(self) -> None:
        body = signed(
            receipt(business_receipt("ACCEPTERET", "Forretning")), addressing=addressed(RECEIPT_ACTION)
        )
        outcome = Accepted("m", RECEIPT, NOW, again=False)
        reply = connector.reply(outcome, post(body, RECEIPT_ACTION), partner(), NOW)
        opened = open_addressed(parse(reply.body), partner().keys["hub_certificate"], NOW)
        assert (len(opened.child), broken_fields(opened.child)) == (0, ())
        assert opened.addressing.message_id == f"urn:uuid:{RECEIPT}"
        assert opened.addressing.relates_to == MESSAGE_ID


def form_of(name: str) -> Element:
    """Compose an object and take the form out of it."""
    message = from_hub(release(name), IDENTIFIERS)
    assert broken_fields(message) == ()
    holder = next(message.iter(f"{{{SENDER}}}FormularXML"))
    return parse(canonical(holder[0]))


class TestObjects:
    @pytest.mark.parametrize(
        "name", ["notice", "content", "revocation", "withdrawal", "erasure", "alert", "proposal"]
    )
    def test_every_form_is_valid(self, name: str) -> None:
        etree.XMLSchema(etree.parse(str(FOLDER / "anmodning.xsd"))).assertValid(form_of(name))

    def test_a_notice_holds_routing_facts_only(self) -> None:
        assert {local_name(each) for each in form_of("notice")} == {
            "Henvisning", "Del", "Formaal", "Afsender", "Person", *(word.name for word in ROOT)
        }  # fmt: skip

    def test_a_notice_with_more_is_a_bug(self) -> None:
        with pytest.raises(ValueError, match="routing facts only"):
            from_hub(replace(release("content"), part="notice"), IDENTIFIERS)

    def test_content_without_a_referral_is_a_bug(self) -> None:
        with pytest.raises(ValueError, match="of a referral"):
            from_hub(replace(release("content"), referral=None), IDENTIFIERS)

    @pytest.mark.parametrize("name", ["erasure", "alert"])
    def test_a_recall_or_an_alert_with_values_is_a_bug(self, name: str) -> None:
        values: dict[Group, Fields] = {Group.ROUTING: {"service": "protection"}}
        with pytest.raises(ValueError, match="no values"):
            from_hub(replace(release(name), values=values), IDENTIFIERS)

    def test_the_subject_is_that_of_the_service(self) -> None:
        message = from_hub(release("notice"), {**IDENTIFIERS, "kle_protection": "27.69.00"})
        assert next(message.iter(f"{{{SENDER}}}KLEEmneForslag")).text == "27.69.00"

    @given(st.data())
    def test_what_was_released_is_said_and_nothing_else(self, data: st.DataObject) -> None:
        words = {word.name: word for many in (ROOT, LAST, *SECTIONS.values()) for word in many}
        chosen = data.draw(st.lists(st.sampled_from(sorted(words)), unique=True))
        text = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=9)
        values: dict[Group, dict[str, str]] = {}
        for name in chosen:
            values.setdefault(words[name].group, {})[words[name].canonical] = f"v{data.draw(text)}"
        form = request_form(replace(release("content"), values=values))
        said = {local_name(each): each.text for each in form.iter() if (each.text or "").startswith("v")}
        expected = {name: values[words[name].group][words[name].canonical] for name in chosen}
        assert said == expected

    def test_every_danish_word_reads_back_as_the_code_it_stands_for(self) -> None:
        for many in (ROOT, LAST, *SECTIONS.values()):
            for word in many:
                for danish, code in (word.codes or {}).items():
                    assert word.text(code) == danish

    def test_all_that_the_policy_may_open_to_the_police_has_a_word(self) -> None:
        policy = tomllib.loads(POLICY.read_text(encoding="utf-8"))
        cells = policy["receivers"]["police"]["cells"]
        opened = {name for name, rows in cells.items() if any(row["mark"] != "-" for row in rows)}
        worded = {
            (word.group.value, word.canonical) for many in (ROOT, LAST, *SECTIONS.values()) for word in many
        }
        assert {(group, name) for group in opened for name in policy["fields"][group]} - worded == set()


def reply_of(child: Element, status: int = 200) -> Reply:
    """Make an answer of the police."""
    return Reply(status, {"content-type": "text/xml"}, unsigned_envelope(child))


class TestAnswersToObjects:
    @pytest.mark.parametrize("code", ["MODTAGET", "ACCEPTERET", "AFLEVERET"])
    def test_taken_is_taken(self, code: str) -> None:
        assert (
            connector.read_reply(reply_of(object_response(business_receipt(code, "Teknisk"))), partner())
            is None
        )

    def test_taken_with_an_error_is_a_warning(self) -> None:
        response = object_response(
            business_receipt("MODTAGET", "Teknisk", found=[("STOR_FIL", "Gaxipypuno")])
        )
        assert connector.read_reply(reply_of(response), partner()) == "stor_fil"

    @pytest.mark.parametrize("status", [200, 500])
    def test_a_transport_warning_is_taken_though_it_comes_as_a_fault(self, status: int) -> None:
        warned = fault("Server", "ADVARSEL", transport_warning([("MANUEL_KONTROL", "Gaxipypuno")]))
        assert connector.read_reply(reply_of(warned, status), partner()) == "manuel_kontrol"
        unnamed = fault("Server", "ADVARSEL", transport_warning([]))
        assert connector.read_reply(reply_of(unnamed, status), partner()) == "advarsel"

    @pytest.mark.parametrize(
        ("child", "error"),
        [
            (object_response(business_receipt("AFVIST", "Forretning")), Refused),
            (object_response(business_receipt("FEJLET", "Teknisk")), Refused),
            (object_response(business_receipt("HVABEHAR", "Teknisk")), ContractBroken),
            (grow(SENDER, "FordelingsobjektModtagResponse", {}), ContractBroken),
            (fault("Client", "FEJL", transport_failure(SENDER, [("x", "y")])), Refused),
            (fault("Server", "FEJL", transport_failure(SENDER, [("x", "y")])), Retriable),
        ],
    )
    def test_anything_else_is_not(self, child: Element, error: type[Exception]) -> None:
        with pytest.raises(error):
            connector.read_reply(reply_of(child), partner())
