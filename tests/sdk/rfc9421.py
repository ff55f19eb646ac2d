"""Keys and messages of RFC 9421 Appendix B, own transcription.

Source: https://www.rfc-editor.org/rfc/rfc9421#appendix-B
"""

import base64
from typing import Final

from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from stafet_sdk.httpsignatures import Message
from stafet_sdk.webhooks import PRIVATE_PREFIX

CREATED: Final = 1618884473


def _pem(text: str) -> bytes:
    return base64.b64decode("".join(text.split()))


ED25519_PRIVATE: Final = load_der_private_key(
    _pem("MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"), None
)
ED25519_PUBLIC: Final = load_der_public_key(
    _pem("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
)
ED25519_FILE: Final = (
    PRIVATE_PREFIX + base64.b64encode(_pem("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=")).decode()
)
"""The private key (appendix B.1.4) as our key files have it."""
ECC_PUBLIC: Final = load_der_public_key(
    _pem("""
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
        w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
    """)
)
SHARED_SECRET: Final = _pem("""
    uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==
""")

REQUEST_BODY: Final = b'{"hello": "world"}'
REQUEST: Final = Message(
    {
        "host": "example.com",
        "date": "Tue, 20 Apr 2021 02:07:55 GMT",
        "content-type": "application/json",
        "content-digest": "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+"
        "AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        "content-length": "18",
    },
    "POST",
    "https://example.com/foo?param=Value&Pet=dog",
)
RESPONSE_BODY: Final = b'{"message": "good dog"}'
RESPONSE: Final = Message(
    {
        "date": "Tue, 20 Apr 2021 02:07:56 GMT",
        "content-type": "application/json",
        "content-digest": "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41Q"
        "JgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:",
        "content-length": "23",
    },
    status=200,
    request=REQUEST,
)

B24_COVERED: Final = ('"@status"', '"content-type"', '"content-digest"', '"content-length"')
B24_PARAMETERS: Final = f'({" ".join(B24_COVERED)});created={CREATED};keyid="test-key-ecc-p256"'
B24_SIGNATURE: Final = (
    "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw=="
)
B25_COVERED: Final = ('"date"', '"@authority"', '"content-type"')
B25_PARAMETERS: Final = f'({" ".join(B25_COVERED)});created={CREATED};keyid="test-shared-secret"'
B25_SIGNATURE: Final = "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="
B26_COVERED: Final = (
    '"date"', '"@method"', '"@path"', '"@authority"', '"content-type"', '"content-length"',
)  # fmt: skip
B26_PARAMETERS: Final = f'({" ".join(B26_COVERED)});created={CREATED};keyid="test-key-ed25519"'
B26_SIGNATURE: Final = (
    "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
)
