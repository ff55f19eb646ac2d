"""Our WSDL and XSD against an independent client (zeep), the mapping's table and the published files."""

import random
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from zeep import Client
from zeep.transports import Transport

from stafet_connectors.police import codes, connector
from stafet_connectors.police.fields import BASES, FORM, NAMESPACE, REFERENCE, ROOT_FIELDS, SECTIONS
from stafet_connectors.police.mapping import RECEIPTS, from_hub, from_status
from stafet_connectors.police.messages import (
    SEND_ACTION,
    Context,
    answer_request,
    answer_response,
    business_receipt,
    object_response,
    receipt_response,
    send_response,
    transport_failure,
    transport_warning,
)
from stafet_connectors.police.questions import list_receivers, validate_receivers
from stafet_connectors.police.samples import (
    IDENTIFIERS,
    TRANSACTION,
    body_of,
    form,
    partner,
    post,
    release,
    request_of,
    signed,
)
from stafet_connectors.police.schema import FOLDER, HUB, SENDER, broken_fields
from stafet_connectors.police.simulator_forms import fill_form
from stafet_connectors.police.simulator_plan import plan
from stafet_schemas.codes import CODE_LISTS
from stafet_sdk.soap import BODY, only_child
from stafet_sdk.xml import Element, canonical, local_name, parse
from tests.connectors.police_taken import accepted, referral
from tests.connectors.test_police_receiving import listing, validation

PUBLISHED = Path(__file__).parents[3] / "shared" / "formats" / "sf2900"
OBJECTS = ("notice", "content", "revocation", "withdrawal", "erasure", "alert", "proposal")
XS = "{http://www.w3.org/2001/XMLSchema}"

needs_published = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published SF2900 files are a third party's and not in the project"
)


def client_of(wsdl: Path) -> Any:  # noqa: ANN401 - zeep has no types
    """Read a WSDL as zeep does; nothing is fetched."""
    return Client(str(wsdl), transport=Transport(cache=None))  # type: ignore[no-untyped-call] # zeep has none


def composed(client: Any, operation: str, *parts: object) -> Element:  # noqa: ANN401 - zeep has no types
    """Let zeep write the Body of a call."""
    message = client.create_message(client.service, operation, *parts)
    return only_child(parse(etree.tostring(message))[-1])


def order_by_zeep(client: Any) -> Element:  # noqa: ANN401 - zeep has no types
    """Let zeep write FordelingsobjektAfsend of the full form, from plain Python values."""
    content = {"_value_1": form()}
    formular = {
        "TitelTekst": "Henvisning",
        "FormatNavn": "XML",
        "FormularIndhold": b"",
        "FormularXML": content,
    }
    message = {"FormularType": "Henvisning", "Formular": formular}
    order = {
        "DistributionContext": {
            "AnvenderTransaktionsID": TRANSACTION,
            "AfsendendeMyndighed": IDENTIFIERS["cvr"],
            "RoutingMyndighed": IDENTIFIERS["hub_cvr"],
            "RoutingValg": {"RoutingModtagerAktoer": IDENTIFIERS["agency_redcross"]},
        },
        "DistributionObject": {
            "ObjektType": "FORMULAR",
            "ObjektIndhold": {
                "DistributionFormular": {
                    "ID": TRANSACTION,
                    "KLEEmneForslag": "00.00.00",
                    "Meddelelse": message,
                }
            },
        },
    }
    call = {"CallersServiceCallIdentifier": "sag-1"}
    return composed(client, "FordelingsobjektAfsend", call, {"MunicipalityCVR": "10000001"}, order)


def accepts(order: Element) -> None:
    """Hold a client's message against our whole way in, signed by us."""
    envelope = accepted(post(signed(order)))
    assert envelope.message_id == TRANSACTION
    draft = connector.to_hub(signed(order), partner())
    assert draft == connector.to_hub(body_of(form()), partner())


def our_messages() -> list[Element]:
    """Write one of each message we speak."""
    context = Context(TRANSACTION, "10000001", "10000002", IDENTIFIERS["agency_redcross"], TRANSACTION)
    return [
        request_of(form()),
        send_response(context),
        transport_failure(HUB, (("invalid", "ID"), ("invalid", "ObjektType"))),
        transport_failure(SENDER, (("malformed", "line 1"),)),
        receipt_response(),
        *(from_hub(release(name), IDENTIFIERS) for name in (*RECEIPTS, *OBJECTS)),
        object_response(business_receipt("MODTAGET", "Teknisk", found=(("stor_fil", "x"),))),
        answer_request(business_receipt("AFVIST", "Forretning", "no_capacity"), context),
        answer_response(),
        transport_warning((("manuel_kontrol", "x"),)),
        list_receivers(listing("29.00.00"), IDENTIFIERS),
        list_receivers(listing("55.00.00"), IDENTIFIERS),
        validate_receivers(validation((IDENTIFIERS["hub_cvr"], IDENTIFIERS["uuid"])), IDENTIFIERS),
    ]


OURS = {
    "DistributionService.wsdl": "wsdl/context/DistributionService.wsdl",
    "DistributionServiceAnvender.wsdl": "SF2900_EP_MS1-2/DistributionServiceAnvenderV2.wsdl",
    "DistributionServiceModtager.wsdl": "SF2900_EP_MS1-2/DistributionServiceModtagerV2.wsdl",
}
"""Our WSDL files, and the published one that each is like."""


def offered(client: Any) -> list[tuple[str, ...]]:  # noqa: ANN401 - zeep has no types
    """List services, ports, bindings and operations with their actions, elements and faults."""
    found: list[tuple[str, ...]] = []
    for service in client.wsdl.services.values():
        for port in service.ports.values():
            for name, operation in sorted(port.binding._operations.items()):  # noqa: SLF001 - its only list
                parts = operation.input.body, operation.output.body
                elements = [str(part.qname) for part in parts]
                faults = sorted(operation.abstract.fault_messages)
                where = (service.name, port.name, str(port.binding.name))
                found.append((*where, name, operation.soapaction, operation.style, *elements, *faults))
    return found


class TestOurWsdl:
    def test_an_independent_client_writes_what_we_accept(self) -> None:
        accepts(order_by_zeep(client_of(FOLDER / "DistributionService.wsdl")))

    def test_names_the_action_we_expect(self) -> None:
        client = client_of(FOLDER / "DistributionService.wsdl")
        binding = next(iter(next(iter(client.wsdl.services.values())).ports.values())).binding
        assert binding.get("FordelingsobjektAfsend").soapaction == SEND_ACTION

    @pytest.mark.parametrize("rung", RECEIPTS)
    def test_an_independent_server_reads_our_receipts(self, rung: str) -> None:
        client = client_of(FOLDER / "DistributionServiceAnvender.wsdl")
        element = client.get_element(f"{{{SENDER}}}FordelingskvitteringModtagAnvenderRequest")
        read = element.parse(from_status(release(rung), IDENTIFIERS), client.wsdl.types)
        assert read.Forretningskvittering.ForretningsValideringsKode == RECEIPTS[rung][0]
        assert read.DistributionContext.AnvenderTransaktionsID == TRANSACTION

    def test_every_message_of_ours_is_valid(self) -> None:
        assert [broken_fields(message) for message in our_messages()] == [()] * len(our_messages())


@needs_published
class TestPublishedFormats:
    @pytest.mark.parametrize(
        "message", our_messages(), ids=lambda message: f"{local_name(message)}-{len(canonical(message))}"
    )
    def test_our_messages_are_valid(self, message: Element) -> None:
        schema = etree.XMLSchema(etree.parse(str(PUBLISHED / "DistributionServiceMsg.xsd")))
        schema.assertValid(parse(canonical(message)))

    def test_a_client_of_the_published_wsdl_writes_what_we_accept(self) -> None:
        accepts(order_by_zeep(client_of(PUBLISHED / "wsdl" / "context" / "DistributionService.wsdl")))

    @pytest.mark.parametrize(("ours", "theirs"), OURS.items())
    def test_both_offer_the_same_operations(self, ours: str, theirs: str) -> None:
        mine, published = offered(client_of(FOLDER / ours)), offered(client_of(PUBLISHED / theirs))
        assert mine == published
        assert len(mine) == (4 if ours == "DistributionService.wsdl" else 1)

    @pytest.mark.parametrize("name", OBJECTS)
    def test_a_published_receiver_reads_our_objects(self, name: str) -> None:
        client = client_of(PUBLISHED / "SF2900_EP_MS1-2" / "DistributionServiceModtagerV2.wsdl")
        element = client.get_element(f"{{{SENDER}}}FordelingsobjektModtagRequest")
        read = element.parse(from_hub(release(name), IDENTIFIERS), client.wsdl.types).anmodning
        assert read.DistributionContext.DistributionTransktionsID == release(name).delivery
        formular = read.DistributionObject.ObjektIndhold.DistributionFormular.Meddelelse
        assert formular.FormularType in {"Anmodning", "Tilbagekaldelse", "Varsel"}

    def test_a_published_server_reads_our_receipts(self) -> None:
        client = client_of(PUBLISHED / "SF2900_EP_MS1-2" / "DistributionServiceAnvenderV2.wsdl")
        element = client.get_element(f"{{{SENDER}}}FordelingskvitteringModtagAnvenderRequest")
        read = element.parse(from_status(release("rejected"), IDENTIFIERS), client.wsdl.types)
        assert read.Forretningskvittering.Begrundelse == "no_capacity"


def formular() -> Element:
    """Read the schema of our form."""
    return parse((FOLDER / "formular.xsd").read_bytes())


def declared(parent: Element) -> dict[str, Element]:
    """List the elements declared directly in an element's content, by name."""
    inner = parent.findall(f"{XS}complexType/{XS}sequence/{XS}element")
    return {each.get("name", ""): each for each in inner}


class TestFormularSchema:
    def test_every_field_is_declared_as_the_mapping_reads_it(self) -> None:
        (root,) = formular().findall(f"{XS}element")
        top = declared(root)
        assert root.get("name") == FORM
        assert set(top) == {REFERENCE, *SECTIONS, *BASES, *(field.name for field in ROOT_FIELDS)}
        optional_fields = {field.name for field in ROOT_FIELDS if not field.required}
        assert {name for name in top if top[name].get("minOccurs") == "0"} == {*BASES, *optional_fields}
        for name, fields in {**SECTIONS, **BASES}.items():
            inner = declared(top[name])
            assert list(inner) == [field.name for field in fields]
            optional = [each for each in inner if inner[each].get("minOccurs") == "0"]
            many = [each for each in inner if inner[each].get("maxOccurs") == "unbounded"]
            assert optional == [field.name for field in fields if not field.required]
            assert many == [field.name for field in fields if field.many]

    def test_the_codes_are_those_of_the_mapping(self) -> None:
        lists = {
            each.get("name", ""): {value.get("value") for value in each.iter(f"{XS}enumeration")}
            for each in formular().findall(f"{XS}simpleType")
        }
        ours = {
            "Ydelse": codes.SERVICES,
            "Prioritet": codes.PRIORITIES,
            "Haandteringskode": codes.HANDLING,
            "Aldersgruppe": codes.AGE_GROUPS,
            "Koen": codes.SEXES,
            "Ophold": codes.RESIDENCE,
            "Udnyttelsesform": codes.EXPLOITATION,
            "Kontrol": codes.CONTROL,
            "Rekruttering": codes.RECRUITERS,
            "Arbejde": codes.LABOUR,
            "Kilde": codes.SOURCES,
            "Aldersbaand": codes.AGE_BANDS,
            "Formaal": codes.PURPOSES,
            "Oplysninger": codes.GROUPS,
            "Samtykkeform": codes.CONSENT_FORMS,
        }
        assert {name: found for name, found in lists.items() if found} == {
            name: set(table) for name, table in ours.items()
        }

    @pytest.mark.parametrize(
        ("name", "table"),
        [
            ("service", codes.SERVICES),
            ("priority", codes.PRIORITIES),
            ("age_group", codes.AGE_GROUPS),
            ("sex", codes.SEXES),
            ("residence", codes.RESIDENCE),
            ("exploitation", codes.EXPLOITATION),
            ("control", codes.CONTROL),
            ("recruiter", codes.RECRUITERS),
            ("labour", codes.LABOUR),
        ],
    )
    def test_every_danish_code_means_exactly_one_canonical_code(
        self, name: str, table: dict[str, str]
    ) -> None:
        assert set(table.values()) == {*CODE_LISTS[name].codes, "unknown"}
        assert len(set(table.values())) == len(table)

    @pytest.mark.parametrize("name", ["full", "minimal"])
    def test_the_golden_forms_are_valid(self, name: str) -> None:
        etree.XMLSchema(etree.parse(str(FOLDER / "formular.xsd"))).assertValid(form(name))

    def test_every_simulated_form_is_valid_and_can_be_read(self) -> None:
        schema = etree.XMLSchema(etree.parse(str(FOLDER / "formular.xsd")))
        for chain in plan(7, 120):
            for planned in chain:
                filled = fill_form(
                    planned.reference, planned.person, planned.profile, random.Random(planned.choices)
                )
                schema.assertValid(parse(canonical(filled)))
                draft = referral(body_of(filled))
                assert draft.reference == planned.reference


def test_namespaces_are_the_published_ones() -> None:
    assert {each.tag for each in our_messages()} >= {
        f"{{{HUB}}}FordelingsobjektAfsendRequest",
        f"{{{SENDER}}}FordelingskvitteringModtagAnvenderRequest",
    }
    assert NAMESPACE.startswith("urn:x-stafet:")
    assert BODY.startswith("{http://schemas.xmlsoap.org/soap/envelope/}")
