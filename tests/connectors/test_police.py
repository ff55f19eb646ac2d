"""The police's connector: conformance, golden pairs, and what is special about signed SOAP."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stafet_connectors.police import connector
from stafet_connectors.police.fields import BASES, NAMESPACE, ROOT_FIELDS, Field
from stafet_connectors.police.mapping import RECEIPTS
from stafet_connectors.police.samples import (
    ALL_FIELDS,
    CANARIES,
    IDENTIFIERS,
    REQUIRED,
    body_of,
    form,
    partner,
    receipt,
    release,
    samples,
    saying,
    with_basis,
    without,
)
from stafet_schemas.groups import Group
from stafet_sdk.certification.samples import NOW
from stafet_sdk.draft import ReferralDraft
from stafet_sdk.errors import MappingError, NoWord
from stafet_sdk.soapcheck import open_signed
from stafet_sdk.xml import canonical, grow, parse
from tests.connectors.conformance import ConnectorConformance
from tests.connectors.police_taken import referral

OBJECTS = ("notice", "content", "revocation", "withdrawal", "erasure", "alert", "proposal")
OPTIONAL = [field.name for field in ALL_FIELDS if not field.required]
CODED = [field for field in ALL_FIELDS if field.group in {Group.EXPLOITATION, Group.RESIDENCE}] + [
    field for field in ROOT_FIELDS if field.canonical in {"service", "priority", "age_group", "sex", "risk"}
]


def problems(body: bytes) -> dict[str, str]:
    """Translate and return what was wrong, by field."""
    with pytest.raises(MappingError) as caught:
        connector.to_hub(body, partner())
    shown = f"{caught.value!r} {caught.value}"
    assert not [canary for canary in CANARIES if canary in shown]
    return dict(caught.value.problems)


class TestPoliceConforms(ConnectorConformance):
    samples = samples


class TestReferralForm:
    def test_consent_is_about_the_receiver_and_ends_no_later_than_was_said(self) -> None:
        draft = connector.to_hub(body_of(with_basis("Samtykke")), partner())
        assert isinstance(draft, ReferralDraft)
        (consent,) = draft.consents
        assert (consent.statement, consent.basis, consent.recipients) == ("given", "consent", ("redcross",))
        assert (consent.purposes, consent.groups) == (("support",), ("narrative", "health"))
        assert consent.until == datetime(2027, 3, 31, 22, tzinfo=UTC)
        assert (consent.language, consent.interpreter, consent.how) == ("hat", True, "oral")

    @pytest.mark.parametrize("section", BASES)
    def test_left_to_the_hub_says_who_may_have_it(self, section: str) -> None:
        agency = IDENTIFIERS["agency_redcross"].upper()

        draft = referral(body_of(with_basis(section, agency, agency), receiver=IDENTIFIERS["hub_uuid"]))

        assert draft.receiver == "hub"
        assert [each.recipients for each in draft.consents] == [("redcross",)]

    @pytest.mark.parametrize("section", BASES)
    def test_left_to_the_hub_without_saying_who_may_have_it_is_refused(self, section: str) -> None:
        body = body_of(with_basis(section), receiver=IDENTIFIERS["hub_uuid"])

        assert problems(body) == {"Modtager": "missing: name who may have it, as the hub is to choose"}

    def test_left_to_the_hub_without_consent_needs_no_name(self) -> None:
        draft = referral(body_of(form(), receiver=IDENTIFIERS["hub_uuid"]))

        assert (draft.receiver, draft.consents) == ("hub", ())

    @pytest.mark.parametrize("receiver", ["agency_redcross", "hub_uuid"])
    @pytest.mark.parametrize("named", [IDENTIFIERS["hub_uuid"], IDENTIFIERS["uuid"]], ids=["hub", "police"])
    def test_consent_for_nobody_behind_the_hub_is_refused(self, receiver: str, named: str) -> None:
        body = body_of(with_basis("Samtykke", named), receiver=IDENTIFIERS[receiver])

        assert problems(body) == {"Modtager": "unknown receiver"}

    def test_consent_may_name_others_than_the_receiver(self) -> None:
        shelter = "7c1f0a52-0000-4000-8000-00000000ac02"
        known = replace(partner(), identifiers={**IDENTIFIERS, "agency_shelter": shelter})

        draft = connector.to_hub(body_of(with_basis("Samtykke", shelter)), known)

        assert isinstance(draft, ReferralDraft)
        assert (draft.receiver, draft.consents[0].recipients) == ("redcross", ("shelter",))

    def test_a_duty_names_law_and_officer(self) -> None:
        draft = connector.to_hub(body_of(with_basis("Underretning")), partner())
        assert isinstance(draft, ReferralDraft)
        (duty,) = draft.consents
        assert (duty.basis, duty.law, duty.by) == ("duty", "Barnets lov § 133", "Vagthavende")
        assert "Vagthavende" not in repr(duty)

    @pytest.mark.parametrize(
        ("section", "field"),
        [(name, field) for name, fields in BASES.items() for field in fields if field.required],
        ids=lambda each: each if isinstance(each, str) else each.name,
    )
    def test_a_missing_field_of_a_basis_is_named(self, section: str, field: Field) -> None:
        spoilt = with_basis(section)
        held = next(spoilt.iter(f"{{{NAMESPACE}}}{section}"))
        for gone in held.findall(f"{{{NAMESPACE}}}{field.name}"):
            held.remove(gone)
        assert problems(body_of(spoilt)) == {field.name: "missing"}

    def test_an_unknown_group_of_a_basis_is_named_without_its_value(self) -> None:
        spoilt = with_basis("Samtykke")
        next(spoilt.iter(f"{{{NAMESPACE}}}Oplysninger")).text = "Gaxipypuno"
        assert problems(body_of(spoilt)) == {"Oplysninger": "unknown code"}

    @pytest.mark.parametrize("name", REQUIRED)
    def test_a_missing_field_is_named(self, name: str) -> None:
        assert problems(body_of(without(name))) == {name: "missing"}

    @pytest.mark.parametrize("name", OPTIONAL)
    def test_an_optional_field_may_be_missing(self, name: str) -> None:
        field = next(field for field in ALL_FIELDS if field.name == name)
        draft = referral(body_of(without(name)))
        assert draft.values[field.group][field.canonical] == field.absent

    @pytest.mark.parametrize("field", ALL_FIELDS, ids=lambda field: field.name)
    def test_an_empty_field_is_named(self, field: object) -> None:
        name = str(getattr(field, "name", ""))
        assert problems(body_of(saying(name, "  "))) == {name: "empty"}

    @pytest.mark.parametrize(
        "name", ["Sagsreference", *(field.name for field in ALL_FIELDS if not field.many)]
    )
    def test_a_field_given_twice_is_named(self, name: str) -> None:
        doubled = form()
        first = next(doubled.iter(f"{{{NAMESPACE}}}{name}"))
        first.addnext(grow(NAMESPACE, name, first.text or ""))
        assert problems(body_of(doubled)) == {name: "given twice"}

    @pytest.mark.parametrize(
        ("name", "text", "problem"),
        [
            ("Sagsreference", "Gaxipypuno Fipagorymu", "not a case reference"),
            ("Foedselsdato", "2011-02-30", "not a date"),
            ("Foedselsdato", "20110915", "not a date"),
            ("Sprog", "Dansk", "not an ISO 639-2 code"),
            ("Nationalitet", "Haiti", "not an ISO 3166 alpha-2 code"),
            ("Personnummer", "150911033", "not of the form DDMMYY-SSSS"),
            ("Personnummer", "310211-0333", "not a date"),
            ("Udlaendingenummer", "ja, Gaxipypuno", "not a foreigner number"),
            ("Telefon", "ring til mig", "not a telephone number"),
            ("Email", "Gaxipypuno", "not an e-mail address"),
            ("Aar", "20122", "not a year"),
            ("Fornavn", "x" * 201, "longer than 200 characters"),
        ],
    )
    def test_an_unreadable_value_is_named_and_not_shown(self, name: str, text: str, problem: str) -> None:
        assert problems(body_of(saying(name, text))) == {name: problem}

    @pytest.mark.parametrize("code", ["H2", "H3"])
    @pytest.mark.parametrize("basis", [None, "Samtykke", "Underretning"])
    def test_what_may_not_be_passed_on_is_refused_whatever_else_is_said(
        self, code: str, basis: str | None
    ) -> None:
        marked = with_basis(basis) if basis else form()
        next(marked.iter(f"{{{NAMESPACE}}}Haandteringskode")).text = code
        assert problems(body_of(marked)) == {"Haandteringskode": "forbids to pass it on"}

    @pytest.mark.parametrize(("code", "handling"), [("H0", "h0"), ("H1", "h1")])
    def test_other_handling_is_kept(self, code: str, handling: str) -> None:
        draft = referral(body_of(saying("Haandteringskode", code)))
        assert draft.values[Group.ROUTING]["handling"] == handling

    def test_all_problems_are_told_at_once(self) -> None:
        spoilt = saying("Ydelse", "Rumrejse")
        next(spoilt.iter(f"{{{NAMESPACE}}}Foedselsdato")).text = "i går"
        found = problems(body_of(spoilt, receiver="7c1f0a52-0000-4000-8000-00000000ffff"))
        assert found == {
            "RoutingModtagerAktoer": "unknown receiver",
            "Ydelse": "unknown code",
            "Foedselsdato": "not a date",
        }

    def test_an_unknown_receiver_alone_is_told(self) -> None:
        body = body_of(form(), receiver="7c1f0a52-0000-4000-8000-00000000ffff")
        assert problems(body) == {"RoutingModtagerAktoer": "unknown receiver"}

    def test_attributes_and_nested_elements_are_refused(self) -> None:
        spoilt = form()
        spoilt.set("version", "2")
        next(spoilt.iter(f"{{{NAMESPACE}}}Fornavn")).set("kort", "Gaxipypuno")
        next(spoilt.iter(f"{{{NAMESPACE}}}Adresse")).append(grow(NAMESPACE, "Etage", "2"))
        assert problems(body_of(spoilt)) == {
            "Henvisning": "attributes are not allowed",
            "Fornavn": "not plain text",
            "Adresse": "not plain text",
        }

    def test_what_is_not_known_of_a_form_is_ignored(self) -> None:
        newer = form()
        newer.append(grow("urn:andet", "Ydelse", "Sundhed"))
        newer.append(grow(NAMESPACE, "Skostoerrelse", "44"))
        next(newer.iter(f"{{{NAMESPACE}}}Identitet")).append(grow(NAMESPACE, "Oejenfarve", "groen"))
        assert referral(body_of(newer)) == referral(body_of(form()))

    @pytest.mark.parametrize("name", ["Ydelse", "Koen", "Kontrol", "Ophold"])
    def test_a_code_that_is_on_no_list_is_kept(self, name: str) -> None:
        draft = referral(body_of(saying(name, "moon_landing")))
        assert "moon_landing" in [value for fields in draft.values.values() for value in fields.values()]

    @pytest.mark.parametrize("name", ["Haandteringskode", "Risiko"])
    def test_a_word_that_decides_must_be_known(self, name: str) -> None:
        assert problems(body_of(saying(name, "moon_landing"))) == {name: "unknown code"}

    def test_another_form_is_not_a_referral(self) -> None:
        assert problems(body_of(grow("urn:andet", "Ansoegning", "x"))) == {
            "FormularXML": "not a referral form"
        }

    @given(text=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20))
    @pytest.mark.parametrize("field", CODED, ids=lambda field: field.name)
    def test_any_other_code_is_refused_by_name(self, field: object, text: str) -> None:
        name, marked = str(getattr(field, "name", "")), f"Qx{text}"
        body = body_of(saying(name, marked))
        with pytest.raises(MappingError) as caught:
            connector.to_hub(body, partner())
        assert caught.value.problems == ((name, "unknown code"),)
        assert marked not in str(caught.value)

    def test_unreadable_bytes_are_a_problem_of_the_envelope(self) -> None:
        assert problems(b"<oops") == {"Envelope": "malformed"}


class TestReceipts:
    @pytest.mark.parametrize("rung", [*RECEIPTS, *OBJECTS])
    def test_golden_releases_are_worded_as_recorded(self, rung: str) -> None:
        sent = connector.from_hub(release(rung), partner(), NOW)
        child = open_signed(parse(sent.body), partner().keys["hub_certificate"], NOW)
        assert canonical(child) == receipt(rung)
        assert sent.headers == {"content-type": "text/xml; charset=utf-8", "soapaction": '""'}

    def test_in_progress_has_no_receipt(self) -> None:
        with pytest.raises(NoWord):
            connector.from_hub(replace(release("accepted"), rung="in_progress"), partner(), NOW)

    def test_a_status_without_a_rung_is_a_bug(self) -> None:
        with pytest.raises(ValueError, match="gets a status by a rung"):
            connector.from_hub(replace(release("accepted"), rung=None), partner(), NOW)

    def test_a_reason_that_xml_cannot_carry_is_made_printable(self) -> None:
        strange = replace(release("rejected"), reason="no\x00room\ud800")
        child = open_signed(
            parse(connector.from_hub(strange, partner(), NOW).body), partner().keys["hub_certificate"], NOW
        )
        assert "no\ufffdroom\ufffd" in canonical(child).decode()

    def test_the_receipt_lives_five_minutes(self) -> None:
        sent = connector.from_hub(release("accepted"), partner(), NOW)
        late = NOW + timedelta(minutes=4, seconds=59)
        assert open_signed(parse(sent.body), partner().keys["hub_certificate"], late) is not None


def test_a_draft_shows_no_value_when_printed() -> None:
    draft = connector.to_hub(body_of(form()), partner())
    assert isinstance(draft, ReferralDraft)
    assert not [canary for canary in CANARIES if canary in repr(draft)]
