"""The quick check of a signature says of each reference what signxml's says, and looks at nothing else."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from inspect import signature

import pytest
from cryptography import x509
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, SignatureConstructionMethod, SignatureMethod
from signxml.exceptions import InvalidDigest
from signxml.signer import SignatureReference, XMLSigner
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from stafet_sdk.soap import BODY, HEADER, SECURITY, TIMESTAMP, WSU_ID, Credentials, signed_envelope
from stafet_sdk.soapverifier import PartsVerifier
from stafet_sdk.xml import Element, grow, parse
from tests.connectors.xmlsec_side import issued

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
POLICE = issued("police")


def ours() -> Element:
    """Sign as the hub does."""
    return parse(signed_envelope(grow("urn:x", "besked", {"navn": "Gaxi & <Pypuno>\r\n"}), POLICE, NOW))


def with_prefixes() -> Element:
    """Sign as WSS4J does, with prefixes of the surroundings kept though nothing visible uses them."""
    root = etree.Element("{urn:e}Envelope", nsmap={"e": "urn:e", "xsi": "urn:xsi", "none": "urn:none"})
    security = etree.SubElement(etree.SubElement(root, HEADER), SECURITY)
    etree.SubElement(security, TIMESTAMP, {WSU_ID: "t"}).text = "now"
    etree.SubElement(root, BODY, {WSU_ID: "b"}, nsmap={"d": "urn:d"}).text = "xsi:type by its prefix"
    signer = XMLSigner(
        method=SignatureConstructionMethod.detached,
        signature_algorithm=SignatureMethod.ECDSA_SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    wanted = [SignatureReference(f"#{each}", inclusive_ns_prefixes=["xsi", "none"]) for each in "tb"]
    signature = signer.sign(  # pyright: ignore[reportUnknownMemberType] - untyped parameters
        root, key=POLICE.key, cert=POLICE.certificate.decode(), reference_uri=wanted
    )
    security.append(signature)
    return etree.fromstring(etree.tostring(root))


def parts_of(root: Element) -> dict[str, Element]:
    """Look the two signed parts up."""
    found = (next(root.iter(TIMESTAMP)), next(root.iter(BODY)))
    return {f"#{each.get(WSU_ID)}": each for each in found}


def verified(verifier: XMLVerifier, root: Element, by: Credentials = POLICE) -> Sequence[VerifyResult]:
    """Verify two references."""
    results = verifier.verify(  # pyright: ignore[reportUnknownMemberType] - untyped parameters
        root,
        x509_cert=x509.load_pem_x509_certificate(by.certificate),
        expect_config=SignatureConfiguration(expect_references=2),
    )
    assert isinstance(results, list)
    return results


def written(result: VerifyResult) -> bytes:
    """Write what a verifier returns as the signed element."""
    assert result.signed_xml is not None
    return etree.tostring(result.signed_xml)


class TestPartsVerifier:
    def test_each_of_its_methods_takes_the_place_of_one_of_signxml_s(self) -> None:
        # Under another name than theirs it would not be called: signxml's own check would run.
        own = {name: each for name, each in vars(PartsVerifier).items() if callable(each)}
        del own["__init__"]
        theirs = {name: signature(getattr(XMLVerifier, name)).parameters for name in own}
        assert set(own) == {"get_root", "_verify_reference"}
        assert {name: [*signature(each).parameters] for name, each in own.items()} == {
            name: [*each] for name, each in theirs.items()
        }

    def test_it_digests_each_reference_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(XMLVerifier, "_verify_reference")
        assert len(verified(PartsVerifier(parts_of(root := ours())), root)) == 2

    @pytest.mark.parametrize("signed", [ours, with_prefixes])
    def test_returns_the_bytes_that_signxml_returns(self, signed: Callable[[], Element]) -> None:
        root = signed()
        before = etree.tostring(root)

        quick = verified(PartsVerifier(parts_of(root)), root)

        known = verified(XMLVerifier(), root)
        assert [each.signed_data for each in quick] == [each.signed_data for each in known]
        assert [written(each) for each in quick] == [written(each) for each in known]
        assert etree.tostring(root) == before

    def test_what_it_returns_is_no_part_of_the_document(self) -> None:
        root = ours()
        _, body = verified(PartsVerifier(parts_of(root)), root)
        assert body.signed_xml is not None
        assert body.signed_xml.getparent() is None

    @pytest.mark.parametrize("tag", [TIMESTAMP, BODY])
    def test_a_part_that_was_changed_is_refused(self, tag: str) -> None:
        root = ours()
        next(root.iter(tag))[0].text = "forged"
        with pytest.raises(InvalidDigest):
            verified(PartsVerifier(parts_of(root)), root)

    def test_another_element_of_the_same_id_is_not_looked_at(self) -> None:
        root = ours()
        forged = etree.SubElement(next(root.iter(BODY)), "{urn:x}besked", {WSU_ID: "elsewhere"})
        with pytest.raises(InvalidDigest):
            verified(PartsVerifier(parts_of(root) | {"#body": forged}), root)

    def test_a_reference_to_anything_but_the_parts_is_refused(self) -> None:
        root = ours()
        parts = parts_of(root)
        del parts["#body"]
        with pytest.raises(LookupError):
            verified(PartsVerifier(parts), root)
