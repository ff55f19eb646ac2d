"""HTTP message signatures (RFC 9421) with Ed25519 only, and Content-Digest (RFC 9530). Pure.

The key decides the algorithm: a message that names another one is refused. A key is named by the SHA-256 of
its 32 public bytes (hex), so that nobody has to agree on names. Keys are written as those of webhooks are,
one or several: all sign, any one verifies. What may be covered: fields, and the components in `_DERIVED`.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from stafet_sdk.webhooks import PRIVATE_PREFIX, PUBLIC_PREFIX, read_keys

INPUT: Final = "signature-input"
SIGNATURE: Final = "signature"
DIGEST: Final = "content-digest"
LONGEST_S: Final = 300
"""How long a signature may be good for, and how far its clock may be off, in seconds."""
ALGORITHM: Final = "ed25519"

_MOST_BYTES: Final = 4096
_MOST_SIGNATURES: Final = 4
# Only the canonical form of RFC 8941 is read, so that what was signed is the text itself.
_MEMBER: Final = re.compile(
    r'([a-z*][a-z0-9_.*-]{0,63})=(\(((?:"[a-z@][a-z0-9-]*"(?:;req)?(?: (?="))?)*)\)'
    r'((?:;[a-z]+=(?:"[ !#-\[\]-~]*"|\d{1,15}))*))'
)
_COMPONENT: Final = re.compile(r'"([a-z@][a-z0-9-]*)"(;req)?')
_PARAMETER: Final = re.compile(r';([a-z]+)=(?:"([^"]*)"|(\d+))')
_BYTES: Final = re.compile(r"([a-z*][a-z0-9_.*-]{0,63})=:([A-Za-z0-9+/=]*):")
_COMMA: Final = re.compile(r"[ \t]*,[ \t]*")
_HASHES: Final = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


class SignatureRefusedError(Exception):
    """A message that proves nothing; `code` is stable, `detail` says what to do and repeats nothing of it.

    Codes: signature_missing, signature_invalid, signature_expired, digest_invalid.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """What is signed: a request (`method`, absolute `url`) or the answer (`status`) to a `request`.

    Header names are lower case.
    """

    headers: Mapping[str, str]
    method: str = ""
    url: str = ""
    status: int = 0
    request: "Message | None" = None


@dataclass(frozen=True, slots=True)
class Proof:
    """Who signed (by the name of the key), with which nonce, and until when that is good."""

    key: str
    nonce: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class _Claim:
    label: str
    covered: tuple[str, ...]
    parameters: Mapping[str, str]
    text: str


def key_name(public: bytes) -> str:
    """Name a key by its 32 public bytes."""
    return hashlib.sha256(public).hexdigest()


def digest(body: bytes) -> str:
    """Return the value of Content-Digest."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def check_digest(headers: Mapping[str, str], body: bytes) -> None:
    """Hold a body against its Content-Digest.

    Raises:
        SignatureRefusedError: it has none of a kind that we know, or one does not fit.
    """
    found = [
        (hashes, text) for name, text in _dictionary(headers.get(DIGEST, "")) if (hashes := _HASHES.get(name))
    ]
    fits = [
        hmac.compare_digest(base64.b64encode(hashes(body).digest()), text.encode()) for hashes, text in found
    ]
    if not fits or not all(fits):
        raise SignatureRefusedError("digest_invalid", f"send {DIGEST} with the sha-256 of the very body")


def signature_base(message: Message, covered: Iterable[str], parameters: str) -> bytes:
    """Write what is signed (RFC 9421 section 2.5); `covered` are identifiers as in Signature-Input.

    Raises:
        KeyError: the message does not have one of them.
    """
    lines = [f"{each}: {_value(each, message)}" for each in covered]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("latin-1")


def sign(
    private: str | bytes,
    message: Message,
    covered: Sequence[str],
    now: datetime,
    *,
    nonce: str,
    tag: str,
    lifetime_s: int = LONGEST_S,
) -> dict[str, str]:
    """Return the two headers, with a signature of each of the private keys.

    Raises:
        ValueError: not a key, or a nonce or tag that needs escaping.
        KeyError: the message does not have what is to be covered.
    """
    if not re.fullmatch(r"[!#-\[\]-~]+", nonce + tag):
        raise ValueError("a nonce and a tag are printable ASCII without quotes and backslashes")
    created = int(now.timestamp())
    inputs, signatures = list[str](), list[str]()
    for number, raw in enumerate(read_keys(private, PRIVATE_PREFIX)):
        key = Ed25519PrivateKey.from_private_bytes(raw)
        name = key_name(key.public_key().public_bytes_raw())
        parameters = (
            f"({' '.join(covered)});created={created};expires={created + lifetime_s}"
            f';keyid="{name}";nonce="{nonce}";tag="{tag}"'
        )
        signature = base64.b64encode(key.sign(signature_base(message, covered, parameters))).decode()
        inputs.append(f"sig{number}={parameters}")
        signatures.append(f"sig{number}=:{signature}:")
    return {INPUT: ", ".join(inputs), SIGNATURE: ", ".join(signatures)}


def verify(
    public: str | bytes, message: Message, body: bytes, covered: Iterable[str], now: datetime, *, tag: str
) -> Proof:
    """Return who signed, if a signature of one of the public keys covers at least `covered` and is in time.

    A body is always covered, by its digest.

    Raises:
        SignatureRefusedError: there is none, or it proves nothing.
        ValueError: not a key (ours to repair, not the sender's).
    """
    keys = {
        key_name(raw): Ed25519PublicKey.from_public_bytes(raw) for raw in read_keys(public, PUBLIC_PREFIX)
    }
    claims, signatures = _claims(message.headers), dict(_dictionary(message.headers.get(SIGNATURE, "")))
    known = [each for each in claims if each.parameters.get("keyid") in keys and each.label in signatures]
    if not known:
        raise SignatureRefusedError(
            "signature_invalid", "keyid is the SHA-256 (hex) of a registered public key"
        )
    wanted = {*covered, *([f'"{DIGEST}"'] if body else [])}
    problem: SignatureRefusedError | None = None
    for each in known:
        try:
            _fits(each, keys[each.parameters["keyid"]], signatures[each.label], message, wanted)
            proof = _proof(each, now, tag)
        except SignatureRefusedError as error:
            problem = problem or error
        else:
            if body:
                check_digest(message.headers, body)
            return proof
    raise problem or AssertionError("there is a claim")


def _fits(claim: _Claim, key: Ed25519PublicKey, signature: str, message: Message, wanted: set[str]) -> None:
    if missing := sorted(wanted - set(claim.covered)):
        raise SignatureRefusedError("signature_invalid", f"the signature must cover {' '.join(missing)}")
    try:
        key.verify(base64.b64decode(signature), signature_base(message, claim.covered, claim.text))
    except (InvalidSignature, KeyError, ValueError):
        raise SignatureRefusedError(
            "signature_invalid", "the signature does not fit message and key"
        ) from None


def _proof(claim: _Claim, now: datetime, tag: str) -> Proof:
    given = claim.parameters
    if given.get("tag") != tag or given.get("alg", ALGORITHM) != ALGORITHM or not given.get("nonce"):
        detail = f'the signature needs nonce and tag="{tag}"; its algorithm is {ALGORITHM}'
        raise SignatureRefusedError("signature_invalid", detail)
    created, expires = (
        int(given[name]) if given.get(name, "").isdigit() else -1 for name in ("created", "expires")
    )
    if not 0 <= created < expires <= created + LONGEST_S:
        detail = f"the signature needs created, and expires at most {LONGEST_S} s later"
        raise SignatureRefusedError("signature_invalid", detail)
    if expires <= now.timestamp() or created > now.timestamp() + LONGEST_S:
        raise SignatureRefusedError("signature_expired", "sign each request anew, and check the clock")
    return Proof(given["keyid"], given["nonce"], datetime.fromtimestamp(expires, UTC))


def _claims(headers: Mapping[str, str]) -> list[_Claim]:
    text = headers.get(INPUT, "")
    if not text or not headers.get(SIGNATURE):
        raise SignatureRefusedError("signature_missing", f"send the headers {INPUT} and {SIGNATURE}")
    found = list[_Claim]()
    for match in _members(_MEMBER, text):
        parameters = {name: word or number for name, word, number in _PARAMETER.findall(match[4])}
        covered = tuple(each[0] for each in _COMPONENT.finditer(match[3]))
        if len(set(covered)) != len(covered):
            raise SignatureRefusedError("signature_invalid", "a component is covered twice")
        found.append(_Claim(match[1], covered, parameters, match[2]))
    return found


def _dictionary(text: str) -> list[tuple[str, str]]:
    return [(match[1], match[2]) for match in _members(_BYTES, text)]


def _members(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """Read a dictionary whole, or not at all."""
    found, place = list[re.Match[str]](), 0
    while place < len(text) <= _MOST_BYTES and len(found) < _MOST_SIGNATURES:
        match = pattern.match(text, place)
        if match is None:
            break
        found.append(match)
        if match.end() == len(text):
            return found
        comma = _COMMA.match(text, match.end())
        place = comma.end() if comma else len(text) + 1
    if text:
        raise SignatureRefusedError("signature_invalid", "a header is no dictionary of RFC 8941, or too long")
    return []


def _authority(url: str) -> str:
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in {None, default} else f"{host}:{parts.port}"


_DERIVED: Final[Mapping[str, Callable[[Message], str]]] = {
    "@method": lambda message: message.method,
    "@target-uri": lambda message: message.url,
    "@authority": lambda message: _authority(message.url),
    "@path": lambda message: urlsplit(message.url).path or "/",
    "@query": lambda message: f"?{urlsplit(message.url).query}",
    "@status": lambda message: str(message.status),
}


def _value(identifier: str, message: Message) -> str:
    match = _COMPONENT.fullmatch(identifier)
    about = message if match and not match[2] else message.request
    if match is None or about is None:
        raise KeyError(identifier)
    if match[1].startswith("@"):
        return _DERIVED[match[1]](about)
    return " ".join(about.headers[match[1]].split())
