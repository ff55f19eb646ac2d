"""Standard Webhooks 1.0.0, asymmetric: sign and verify with Ed25519 (`v1a`). Header names are lower case.

The signature covers `id.timestamp.body`; the same id goes with every attempt, the timestamp (whole seconds
since 1970) is the attempt's. Keys are text: `whsk_` and base64 of the 32-byte seed, `whpk_` and base64 of the
32-byte public point; while keys are rotated a file holds several, one a line: a message is signed with all,
and taken if it is signed with any of them.
Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
TOLERANCE_S: Final = 300
PRIVATE_PREFIX: Final = "whsk_"
PUBLIC_PREFIX: Final = "whpk_"
MOST_KEYS: Final = 4
"""How many keys one side may have at once."""

_VERSION: Final = "v1a"
_MOST_SIGNATURES: Final = 8
_TIMESTAMP_DIGITS: Final = 12


class WebhookRefusedError(Exception):
    """A webhook that proves nothing.

    `code` is signature_missing or signature_invalid; `detail` says what to do and holds no value of it.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def generate_webhook_keys() -> tuple[str, str]:
    """Make a new pair: (`whsk_...` for the sender alone, `whpk_...` for the receiver)."""
    private = Ed25519PrivateKey.generate()
    return (
        PRIVATE_PREFIX + base64.b64encode(private.private_bytes_raw()).decode(),
        PUBLIC_PREFIX + base64.b64encode(private.public_key().public_bytes_raw()).decode(),
    )


def sign(private: str | bytes, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers of one attempt at `at` (aware), with a signature of each key.

    Raises:
        ValueError: a key is no `whsk_` key, `at` has no time zone, or the id holds a full stop or a blank.
    """
    if at.tzinfo is None:
        raise ValueError("the time of a signature needs a time zone")
    if not _sound_id(message_id):
        raise ValueError("a webhook id is printable ASCII without blanks and full stops")
    timestamp = str(int(at.timestamp()))
    content = signed_content(message_id, timestamp, body)
    signatures = [
        base64.b64encode(Ed25519PrivateKey.from_private_bytes(raw).sign(content)).decode()
        for raw in read_keys(private, PRIVATE_PREFIX)
    ]
    words = " ".join(f"{_VERSION},{each}" for each in signatures)
    return {ID: message_id, TIMESTAMP: timestamp, SIGNATURE: words}


def verify(public: str | bytes, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Return the webhook id if a `v1a` signature fits one of the keys, at most 5 minutes from `now` (aware).

    Raises:
        WebhookRefusedError: headers are missing, the time is off, or no signature fits.
        ValueError: a key is no `whpk_` key (ours to repair, not the sender's).
    """
    keys = [Ed25519PublicKey.from_public_bytes(raw) for raw in read_keys(public, PUBLIC_PREFIX)]
    missing = [name for name in (ID, TIMESTAMP, SIGNATURE) if not headers.get(name)]
    if missing:
        raise WebhookRefusedError("signature_missing", f"send the headers {', '.join(missing)}")
    message_id, timestamp = headers[ID], headers[TIMESTAMP]
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _TIMESTAMP_DIGITS):
        raise WebhookRefusedError("signature_invalid", f"{TIMESTAMP} is whole seconds since 1970")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_S:
        raise WebhookRefusedError(
            "signature_invalid",
            f"{TIMESTAMP} is more than {TOLERANCE_S} s off: sign each attempt anew, check the clock",
        )
    if not _sound_id(message_id):
        raise WebhookRefusedError(
            "signature_invalid", f"{ID} is printable ASCII without blanks and full stops"
        )
    content = signed_content(message_id, timestamp, body)
    given = [*_signatures(headers[SIGNATURE])]
    if any(_fits(key, signature, content) for key in keys for signature in given):
        return message_id
    raise WebhookRefusedError(
        "signature_invalid", f"no {_VERSION} signature in {SIGNATURE} fits a registered key"
    )


def read_keys(text: str | bytes, prefix: str) -> list[bytes]:
    """Read the keys of a file, one a line: 32 bytes each.

    Raises:
        ValueError: there are none, too many, or one is no key with this prefix.
    """
    whole = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    lines = whole.split()
    if not 0 < len(lines) <= MOST_KEYS:
        raise ValueError(f"expected {prefix} keys, 1 to {MOST_KEYS}, one a line")
    return [_raw(line, prefix) for line in lines]


def signed_content(message_id: str, timestamp: str, body: bytes) -> bytes:
    """Join what is signed: id, timestamp and the raw body, by full stops."""
    return b".".join((message_id.encode(), timestamp.encode(), body))


def _sound_id(text: str) -> bool:
    # A full stop in the id would let bytes move between id, timestamp and body under the same signature.
    return 0 < len(text) <= 256 and all("!" <= char <= "~" and char != "." for char in text)


def _raw(text: str, prefix: str) -> bytes:
    try:
        raw = base64.b64decode(text.removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not text.startswith(prefix) or len(raw) != 32:
        raise ValueError(f"not a webhook key: expected {prefix} and base64 of 32 bytes")
    return raw


def _signatures(header: str) -> Iterator[bytes]:
    """Yield the `v1a` signatures; the list is bounded because checking each one costs a curve operation."""
    for word in header.split(" ")[:_MOST_SIGNATURES]:
        version, _, text = word.partition(",")
        if version != _VERSION:
            continue
        try:
            yield base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue


def _fits(key: Ed25519PublicKey, signature: bytes, content: bytes) -> bool:
    # Verifying compares only public values, so timing tells an attacker nothing.
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True
