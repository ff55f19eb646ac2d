"""Canaries: a value among other bytes in every encoding, made without the code under test."""

import base64
import json
from urllib.parse import quote, quote_plus

# Its base64 differs between the two alphabets, its UTF-8 from its JSON escapes, its two URL encodings too.
CANARY = "Wequzicano Allé ~~?~>~ 7"
CLEAN = b"Nothing of a person: R\xc3\xb8de Kors, 2026-11-24, \x00\xff\xfe, cmVmZXJyYWwgYWNjZXB0ZWQ="

ENCODED = {
    "plain": CANARY.encode(),
    "plain, upper case": CANARY.replace("é", "e").upper().replace("ALLE", "ALLé").encode(),
    "plain, encoded twice": CANARY.encode().decode("latin-1").encode(),
    "UTF-16 LE": CANARY.encode("utf-16-le"),
    "UTF-16 BE": CANARY.encode("utf-16-be"),
    "hex": CANARY.encode().hex().encode(),
    "hex, upper case": CANARY.encode().hex().upper().encode(),
    "URL": quote(CANARY).encode(),
    "URL, form": quote_plus(CANARY).encode(),
    "JSON": json.dumps({"name": CANARY}).encode(),
    **{
        f"base64 after {before} bytes": base64.b64encode(b"\xff" * before + CANARY.encode() + b"\xff" * after)
        for before, after in ((0, 0), (1, 2), (2, 5), (7, 1))
    },
    **{
        f"base64 for URLs after {before} bytes": base64.urlsafe_b64encode(b"\xff" * before + CANARY.encode())
        for before in (0, 1, 2)
    },
    "base64, lower case": base64.b64encode(CANARY.lower().encode()),
    "base64, upper case": base64.b64encode(CANARY.upper().encode()),
}


def among(planted: bytes) -> bytes:
    """Put bytes between others."""
    return CLEAN + planted + CLEAN
