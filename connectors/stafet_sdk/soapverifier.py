"""signxml's verifier for documents whose signed parts are known, and only canonicalised.

signxml copies the whole document for every reference, because a transform may change it, and searches it for
every Id. Here the one transform is exclusive canonicalisation, which changes nothing, and a reference may
only be to a part that was looked up before: seven parts cost half. All else is signxml's: the schema, the
algorithms and the signature itself. As there, only what was digested is returned.
"""

from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from lxml import etree
from signxml.algorithms import DigestAlgorithm
from signxml.exceptions import InvalidDigest
from signxml.verifier import VerifyResult, XMLVerifier

from stafet_sdk.soap import DS, EXCLUSIVE
from stafet_sdk.xml import Element, text_of

_TRANSFORM: Final = f"{{{DS}}}Transforms/{{{DS}}}Transform"
_PREFIXES: Final = f"{_TRANSFORM}/{{{EXCLUSIVE}}}InclusiveNamespaces"


class PartsVerifier(XMLVerifier):
    """Verifies a signature over `parts`, by `#` and their Ids; the caller has looked at the transforms."""

    def __init__(self, parts: Mapping[str, Element]) -> None:
        super().__init__()
        self._parts = parts

    def get_root(self, data: Element) -> Element:
        """Take the document as it is: nothing below changes it."""
        return data

    def _verify_reference(  # noqa: PLR0917 - signxml's own parameters
        self,
        reference: Element,
        index: int,
        root: Element,
        uri_resolver: object,
        c14n_algorithm: object,
        signature: Element,
        signature_key_used: object,
    ) -> VerifyResult:
        """Digest the part that a reference names; re-read it from the bytes that were digested.

        Raises:
            InvalidDigest: the part was changed, or its digest is not SHA-256.
            LookupError: it is no part of ours.
        """
        del root, uri_resolver, c14n_algorithm, signature_key_used
        said = _canonical(self._parts[reference.get("URI", "")], reference)
        method = reference.find(f"{{{DS}}}DigestMethod")
        wanted = b64decode(text_of(reference, f"{{{DS}}}DigestValue"))
        if method is None or method.get("Algorithm") != DigestAlgorithm.SHA256.value:
            raise InvalidDigest(f"reference {index} has no digest by SHA-256")
        if not compare_digest(sha256(said).digest(), wanted):
            raise InvalidDigest(f"reference {index} has another digest")
        return VerifyResult(said, etree.fromstring(said, _PARSER), signature, signature_key=b"")


def _canonical(part: Element, reference: Element) -> bytes:
    """Exclusive canonical form of a part; the sender may name prefixes that it keeps although unused."""
    kept = reference.find(_PREFIXES)
    prefixes = None if kept is None else kept.get("PrefixList", "").split()
    return etree.tostring(
        part, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes
    )


# Canonical XML of a document that was refused if it declared any: there are no entities in it.
_PARSER: Final = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
