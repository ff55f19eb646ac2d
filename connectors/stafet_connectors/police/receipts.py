"""The receipts of the police for what they were sent: FordelingskvitteringModtag at the hub. Pure.

MODTAGET says what the answer to the delivery has said already: it is answered, and nothing is kept.
"""

import re
from typing import Final

from stafet_connectors.police.messages import Receipt, read_context, read_receipt
from stafet_connectors.police.schema import HUB
from stafet_sdk.draft import AnswerDraft
from stafet_sdk.errors import MappingError
from stafet_sdk.xml import Element

RECEIVED: Final = "MODTAGET"
REJECTED: Final = "rejected"
UNREADABLE: Final = "unreadable"

# ForretningsValideringsKode and Kvitteringstype -> the rung. Delivered into a case system is work begun.
RUNGS: Final = {
    ("ACCEPTERET", "Forretning"): "accepted",
    ("AFVIST", "Forretning"): REJECTED,
    ("AFLEVERET", "Teknisk"): "in_progress",
    ("AFLEVERET", "Forretning"): "completed",
    ("FEJLET", "Teknisk"): REJECTED,
}

# What an answer holds travels in events: a code has a shape that prose and names do not fit.
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MOST_WARNINGS: Final = 10


def receipt_of(request: Element) -> Receipt:
    """Read the receipt in a request."""
    return read_receipt(request.find(f"{{{HUB}}}Forretningskvittering"))


def to_answer(request: Element) -> AnswerDraft:
    """Read a receipt about a referral, which AnvenderTransaktionsID names. Unlisted reasons are kept.

    Raises:
        MappingError: `Kvitteringstype` does not go with the code, `Begrundelse` is missing or not a code.
    """
    receipt, context = receipt_of(request), read_context(request)
    rung = RUNGS.get((receipt.code, receipt.kind))
    if rung is None:
        raise MappingError(("Kvitteringstype", "does not go with ForretningsValideringsKode"))
    reason = _reason(receipt) if rung == REJECTED else None
    return AnswerDraft(context.transaction, rung, reason, warnings=_warnings(receipt))


def _reason(receipt: Receipt) -> str:
    if receipt.code == "FEJLET":
        return UNREADABLE
    if not receipt.reason:
        raise MappingError(("Begrundelse", "missing"))
    if not _CODE.fullmatch(receipt.reason):
        raise MappingError(("Begrundelse", "not a code"))
    return receipt.reason


def warning_codes(receipt: Receipt) -> tuple[str, ...]:
    """Codes of the warnings with which something was taken, each once; text is never repeated."""
    codes = (code.lower() for code, _ in receipt.errors)
    fit = dict.fromkeys(code if _CODE.fullmatch(code) else "unnamed" for code in codes)
    return tuple(fit)[:_MOST_WARNINGS]


def _warnings(receipt: Receipt) -> tuple[str, ...]:
    return () if receipt.code in {"AFVIST", "FEJLET"} else warning_codes(receipt)
