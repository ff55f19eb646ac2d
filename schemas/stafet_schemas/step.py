"""Subject `step`: what an agency or the coordinator says has happened in a case, before a service decides.

One shape for all steps; `steps.toml` says for each which fields it needs and which service decides. The
service
makes a fact of it under a name of its own (`period.granted`), or refuses it with a reason. Codes and dates
only.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime

from stafet_schemas.event import CaseData, Event
from stafet_schemas.groups import ROUTING, Group, mark

AGENCY = mark(Group.ROUTING, codelist="agency")


class FactData(CaseData):
    """`agency` said so at the hub under the receipt `message`; it was so at `at`."""

    agency: Annotated[str, AGENCY]
    message: Annotated[str, ROUTING]
    at: Annotated[AwareDatetime, ROUTING]


class StepReportedData(FactData):
    """`step` is what happened; `subject` the interview, period ... it is about, None where it begins one.

    A step that begins something gives it the receipt as its id. `behalf` is the agency that said so outside
    the hub, where the coordinator enters it. `party` is another agency that the step names, `law` the code of
    a legal basis. `connected`: it came in by the agency's own connector. A code that is not on its list is
    kept as it came.
    """

    step: Annotated[str, mark(Group.ROUTING, codelist="step")]
    subject: Annotated[str | None, ROUTING] = None
    behalf: Annotated[str | None, AGENCY] = None
    party: Annotated[str | None, AGENCY] = None
    service: Annotated[str | None, mark(Group.ROUTING, codelist="service")] = None
    kind: Annotated[str | None, ROUTING] = None
    reason: Annotated[str | None, ROUTING] = None
    channel: Annotated[str | None, mark(Group.ROUTING, codelist="channel")] = None
    vocabulary: Annotated[str | None, ROUTING] = None
    codes: Annotated[tuple[str, ...], mark(Group.EXPLOITATION)] = ()
    outcome: Annotated[str | None, mark(Group.EXPLOITATION)] = None
    residence: Annotated[str | None, mark(Group.RESIDENCE, codelist="residence")] = None
    starts: Annotated[date | None, mark(Group.SUPPORT)] = None
    until: Annotated[date | None, mark(Group.SUPPORT)] = None
    law: Annotated[str | None, ROUTING] = None
    connected: Annotated[bool, ROUTING] = False

    def refused(self, reason: str, field: str | None = None) -> "StepRefusedData":
        """Word why nothing follows: a code of the list `refusal`, and the field that is in the way."""
        said = {name: getattr(self, name) for name in ("case", "agency", "message", "at", "step", "subject")}
        return StepRefusedData(**said, reason=reason, field=field, connected=self.connected)


class StepRefusedData(FactData):
    """Nothing followed from the step; `reason` says why, `field` which one was missing or impossible.

    `connected`: it came in by the agency's connector, which is told so; else the console shows who said it.
    """

    step: Annotated[str, mark(Group.ROUTING, codelist="step")]
    subject: Annotated[str | None, ROUTING] = None
    reason: Annotated[str, mark(Group.ROUTING, codelist="refusal")]
    field: Annotated[str | None, ROUTING] = None
    connected: Annotated[bool, ROUTING] = False


class StepEvent(Event):
    """An event of the step topic; its key is the case."""

    topic: ClassVar[str] = "stafet-step-v1"
    key_field: ClassVar[str] = "case"
    correlation_field: ClassVar[str] = "case"


class StepReported(StepEvent):
    """An agency or the coordinator says that something happened."""

    type: Literal["dk.cmm.stafet.step.reported.v1"] = "dk.cmm.stafet.step.reported.v1"
    data: StepReportedData


class StepRefused(StepEvent):
    """The service that decides on the step could not act on it; whoever said it is to be told."""

    type: Literal["dk.cmm.stafet.step.refused.v1"] = "dk.cmm.stafet.step.refused.v1"
    data: StepRefusedData
