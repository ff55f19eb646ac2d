"""Subjects `identification`, `competent_authority`, `final_assessment`, `residence_status`, `custody`.

Each authority has its own decision: several may stand beside one another, and none is the one truth.
"""

from datetime import date
from typing import Annotated, Literal

from stafet_schemas.groups import ROUTING, Group, mark
from stafet_schemas.identification import IdentificationEvent
from stafet_schemas.step import FactData

AUTHORITY = mark(Group.ROUTING, codelist="agency")


class IdentificationData(FactData):
    """The course of a case's identification; `reason` says why it was broken off or reopened."""

    reason: Annotated[str | None, ROUTING] = None


class AuthorityData(FactData):
    """Who is competent by the residence status, and by which version of the rules.

    `consults` is whom the authority asks before it decides, `period` the kind that a positive decision opens.
    """

    authority: Annotated[str, AUTHORITY]
    residence: Annotated[str, mark(Group.RESIDENCE, codelist="residence")]
    rule: Annotated[str, ROUTING]
    consults: Annotated[str | None, AUTHORITY] = None
    period: Annotated[str | None, mark(Group.SUPPORT, codelist="period")] = None


class AssessmentData(FactData):
    """The state of one authority's assessment; `outcome` and `holds_from` once it has decided.

    `rule` is the version of the rules that give the authority its mandate. `htcds` is the status code of
    HTCDS 2.0 (vic_TraffickingStatus), `decider` that of who decided (vic_TraffickingStatusDecisionMakingOrg).
    """

    authority: Annotated[str, AUTHORITY]
    rule: Annotated[str, ROUTING]
    outcome: Annotated[str | None, mark(Group.EXPLOITATION, codelist="assessment")] = None
    holds_from: Annotated[date | None, mark(Group.EXPLOITATION)] = None
    reason: Annotated[str | None, ROUTING] = None
    htcds: Annotated[str, mark(Group.EXPLOITATION)]
    decider: Annotated[str | None, mark(Group.EXPLOITATION)] = None


class ResidenceData(FactData):
    """From `starts` the person's status is `residence`; what it was before is `before`."""

    residence: Annotated[str, mark(Group.RESIDENCE, codelist="residence")]
    before: Annotated[str, mark(Group.RESIDENCE, codelist="residence")] = "unknown"
    starts: Annotated[date | None, mark(Group.RESIDENCE)] = None


class CustodyData(FactData):
    """`custody` is its id, `place` the kind of place."""

    custody: Annotated[str, ROUTING]
    place: Annotated[str | None, ROUTING] = None


class IdentificationRequested(IdentificationEvent):
    """Somebody suspects that the person of the case was trafficked."""

    type: Literal["dk.cmm.stafet.identification.requested.v1"] = "dk.cmm.stafet.identification.requested.v1"
    data: IdentificationData


class IdentificationDiscontinued(IdentificationEvent):
    """It ends without a decision: disappeared, left, no consent."""

    type: Literal["dk.cmm.stafet.identification.discontinued.v1"] = (
        "dk.cmm.stafet.identification.discontinued.v1"
    )
    data: IdentificationData


class IdentificationReopened(IdentificationEvent):
    """It is taken up again."""

    type: Literal["dk.cmm.stafet.identification.reopened.v1"] = "dk.cmm.stafet.identification.reopened.v1"
    data: IdentificationData


class CompetentAuthorityDetermined(IdentificationEvent):
    """Who decides follows from the residence status."""

    type: Literal["dk.cmm.stafet.competent_authority.determined.v1"] = (
        "dk.cmm.stafet.competent_authority.determined.v1"
    )
    data: AuthorityData


class FinalAssessmentRequested(IdentificationEvent):
    """An authority was asked to decide."""

    type: Literal["dk.cmm.stafet.final_assessment.requested.v1"] = (
        "dk.cmm.stafet.final_assessment.requested.v1"
    )
    data: AssessmentData


class FinalAssessmentDecided(IdentificationEvent):
    """An authority has decided; other authorities' decisions stay as they are."""

    type: Literal["dk.cmm.stafet.final_assessment.decided.v1"] = "dk.cmm.stafet.final_assessment.decided.v1"
    data: AssessmentData


class FinalAssessmentReopened(IdentificationEvent):
    """An authority looks at its decision again."""

    type: Literal["dk.cmm.stafet.final_assessment.reopened.v1"] = "dk.cmm.stafet.final_assessment.reopened.v1"
    data: AssessmentData


class FinalAssessmentAppealed(IdentificationEvent):
    """The decision was brought before the body of appeal."""

    type: Literal["dk.cmm.stafet.final_assessment.appealed.v1"] = "dk.cmm.stafet.final_assessment.appealed.v1"
    data: AssessmentData


class ResidenceStatusChanged(IdentificationEvent):
    """The right to stay is another one; who is competent follows."""

    type: Literal["dk.cmm.stafet.residence_status.changed.v1"] = "dk.cmm.stafet.residence_status.changed.v1"
    data: ResidenceData


class CustodyStarted(IdentificationEvent):
    """A presumed victim is held; the clock of the interview runs."""

    type: Literal["dk.cmm.stafet.custody.started.v1"] = "dk.cmm.stafet.custody.started.v1"
    data: CustodyData


class CustodyEnded(IdentificationEvent):
    """The person is held no longer."""

    type: Literal["dk.cmm.stafet.custody.ended.v1"] = "dk.cmm.stafet.custody.ended.v1"
    data: CustodyData
