"""Client certificates as a partner's authority issues them to the hub."""

from collections.abc import Mapping
from datetime import datetime

import trustme


def client_keys(
    authority: trustme.CA, name: str = "stafet-hub", *, not_after: datetime | None = None
) -> Mapping[str, bytes]:
    """Issue one: the key files of a partner that asks for it."""
    issued = authority.issue_cert(common_name=name, not_after=not_after)
    return {
        "tls_key": issued.private_key_pem.bytes(),
        "tls_certificate": b"".join(each.bytes() for each in issued.cert_chain_pems),
    }
