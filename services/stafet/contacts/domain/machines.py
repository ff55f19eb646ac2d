"""What a contact may go through."""

from typing import Final

from stafet_runtime.machine import Machine

RECEIVED: Final = "received"
TRIAGED: Final = "triaged"
REFERRED: Final = "referred"
CLOSED: Final = "closed"
COUNTED: Final = "counted"

CONTACT: Final = Machine(
    "contact",
    {
        "received": {"": RECEIVED},
        "triaged": {RECEIVED: TRIAGED, TRIAGED: TRIAGED},
        "referred": {RECEIVED: REFERRED, TRIAGED: REFERRED},
        "closed": {RECEIVED: CLOSED, TRIAGED: CLOSED},
        # An adult who does not want to be referred leaves a number only (UK: duty to notify, MSA s. 52).
        "counted": {RECEIVED: COUNTED, TRIAGED: COUNTED},
    },
)

MACHINES: Final = (CONTACT,)
