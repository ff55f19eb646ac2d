"""The immigration service's codes: numeric errors with what happens next, and words that are not ours.

60006 and 60007 are those of the labour market's data service (STAR), whose style this is; the others ours.
"""

from collections.abc import Mapping
from typing import Final

from stafet_schemas.codes import UNKNOWN
from stafet_sdk.errors import ContractBroken, DeliveryError, NeedsAction, Refused, Retriable, Throttled

REPLAYED: Final = 41200
"""Goes with HTTP 412: the request id came before. It says nothing of what became of the first request."""

ERRORS: Final[Mapping[int, tuple[type[DeliveryError], str]]] = {
    40000: (Refused, "invalid_request"),  # our composing and their contract differ: a human looks
    40100: (NeedsAction, "token"),  # not known, expired, or another client's; the transport has tried anew
    40101: (NeedsAction, "token_certificate"),  # bound to another certificate than the connection's
    40300: (NeedsAction, "scope"),  # the client is not registered for this
    40900: (ContractBroken, "request_id_reused"),  # the id came with another message
    42900: (Throttled, "busy"),
    50300: (Retriable, "closed"),  # a service window; Retry-After says when it ends
    60001: (ContractBroken, "request_id"),  # header x-requestId is missing or longer than 46
    60006: (Refused, "unknown_person"),  # a human compares the identifiers with the case
    60007: (Refused, "person_dead"),  # a human closes the case
    60010: (Refused, "unknown_referral"),  # the notice never came: a human sends the referral anew
    60011: (ContractBroken, "unknown_request"),  # looked up after 412, and not there
}

STATUSES: Final[Mapping[str, str]] = {
    "accepted": "accepted",
    "rejected": "rejected",
    "inProgress": "in_progress",
    "completed": "completed",
}
"""What it says of a referral it was sent, and our rung."""

OUTCOMES: Final[Mapping[str, str]] = {
    "victim": "identified",
    "not_victim": "not_identified",
    "undetermined": UNKNOWN,
}

SEXES: Final[Mapping[str, str]] = {"kvinde": "female", "mand": "male", "andet": "other", "ukendt": UNKNOWN}

RUNGS: Final = frozenset({"delivered", "accepted", "rejected", "completed", "parse_rejected"})
"""What its protocol can say of a message or referral of its own."""
