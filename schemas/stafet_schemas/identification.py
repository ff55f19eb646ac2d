"""Subject `identification`: formal decisions on whether the person of a referral is a victim, and reversals.

Codes and dates only. A decision is named by the receipt that the hub gave the authority for it: the
authority's own id would lead from an event to the person in its records, also when the case is erased here.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

from stafet_schemas.event import CaseData, Event
from stafet_schemas.groups import ROUTING, Group, mark


class DecisionData(CaseData):
    """`agency` is the authority, `message` the receipt it got; `outcome` holds from the day `holds_from`.

    An outcome that is not on the list is kept as it came.
    """

    referral: Annotated[str, ROUTING]
    agency: Annotated[str, mark(Group.ROUTING, codelist="agency")]
    message: Annotated[str, ROUTING]
    outcome: Annotated[str, mark(Group.EXPLOITATION, codelist="identification")]
    holds_from: Annotated[date, mark(Group.EXPLOITATION)]


class DecisionReversedData(DecisionData):
    """`reverses` is the receipt of the decision that is taken back; `outcome` is what holds in its place."""

    reverses: Annotated[str, ROUTING]


class IdentificationEvent(Event):
    """An event of the identification topic; its key is the case."""

    topic: ClassVar[str] = "stafet-identification-v1"
    key_field: ClassVar[str] = "case"
    correlation_field: ClassVar[str] = "case"


class IdentificationDecided(IdentificationEvent):
    """An authority with the mandate to identify has decided."""

    type: Literal["dk.cmm.stafet.identification.decided.v1"] = "dk.cmm.stafet.identification.decided.v1"
    data: DecisionData


class IdentificationDecisionReversed(IdentificationEvent):
    """The authority has taken a decision back."""

    type: Literal["dk.cmm.stafet.identification.decision_reversed.v1"] = (
        "dk.cmm.stafet.identification.decision_reversed.v1"
    )
    data: DecisionReversedData
