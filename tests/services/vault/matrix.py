"""The disclosure matrix a second time, typed from the design (part 6.4 of its domain) and from nowhere else.

A typo here or in the policy shows as a difference between the two. Columns: R routing, I identity, C contact,
L residence, X exploitation, N narrative, H health, P perpetrator, B child, S support, Z statistics.
"""

from datetime import date
from typing import Final

from stafet.vault.policy import Mandate, Organisation, Policy
from stafet_schemas.codes import SERVICES
from stafet_schemas.groups import Group

COLUMNS: Final = (
    Group.ROUTING, Group.IDENTITY, Group.CONTACT, Group.RESIDENCE, Group.EXPLOITATION, Group.NARRATIVE,
    Group.HEALTH, Group.PERPETRATOR, Group.CHILD, Group.SUPPORT, Group.STATISTICS,
)  # fmt: skip

ROWS: Final = {
    "CMM (case)": "A | c | c | c | c | c | c | c | A | A | A",
    "Udlændingestyrelsen (formal assessment)": "A | A | c | A | A | c | c | - | A | dates | Z",
    "SIRI": "A | A | - | A | A | - | - | - | - | dates | Z",
    "Police (victim safety / investigation)": "A | c/l | c/l | - | c | c | - | c/l | l | - | Z",
    "Prosecution/court": "- | l | - | - | l | l | - | l | l | - | Z",
    "Shelter": (
        "A | first name/alias | A | asylum yes/no | code only | - | care needs c | safety warning | A | A | Z"
    ),
    "Red Cross children's centre": "A | A | A | A | A | c | c | safety | A | A | Z",
    "Municipality (child)": "A | l | l | l | l | l | l | - | l | - | Z",
    "Health": "A | c | c | entitlement only | - | - | c | - | c | dates | Z",
    "Legal aid/defence": "A | c | c | c | c | c | c | - | c | dates | -",
    "Hotline/outreach NGO (sender)": "status only | - | - | - | - | - | - | - | - | - | -",
    "AT / Skattestyrelsen / union (sender)": "status only | - | - | - | - | - | - | - | - | - | -",
    "AT / Skattestyrelsen (receiver)": (
        "about employer | - | workplace | - | industry code | - | - | employer c/l | - | - | -"
    ),
    "Hjemrejsestyrelsen": "A | c | - | A | - | - | fit-to-travel c | - | B | return plan c | Z",
    "DRC / foreign partner": "A | c | destination c | - | - | - | c | safety c | B | plan c | -",
    "Prison service": "reason hidden | l | - | - | - | - | - | - | - | visit date | -",
    "Statistics": "- | - | - | - | code | - | - | - | age band | - | A",
}
"""The design's cells; in R, "about employer" and "reason hidden" stand in its basis and narrow an A."""

WHOLE: Final[frozenset[str]] = frozenset()
PHRASES: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "A": ("A", WHOLE),
    "c": ("c", WHOLE),
    "l": ("l", WHOLE),
    "c/l": ("cl", WHOLE),
    "-": ("", WHOLE),
    "status only": ("", WHOLE),
    # Column Z says Z in most rows: pseudonymised, by the statistics export, never with a referral.
    "Z": ("", WHOLE),
    # Column B says B in two rows, without a mark: gated until a lawyer decides.
    "B": ("c", WHOLE),
    "dates": ("A", frozenset({"period_start", "period_end"})),
    "first name/alias": ("A", frozenset({"first_name", "alias"})),
    "asylum yes/no": ("A", frozenset({"asylum"})),
    "code only": ("A", frozenset({"types"})),
    "code": ("A", frozenset({"types", "control", "recruiter", "labour"})),
    "industry code": ("A", frozenset({"labour"})),
    "care needs c": ("c", frozenset({"care_needs"})),
    "safety warning": ("A", frozenset({"safety_warning"})),
    "safety": ("A", frozenset({"safety_warning"})),
    "safety c": ("c", frozenset({"safety_warning"})),
    "entitlement only": ("A", frozenset({"entitlement"})),
    "workplace": ("A", frozenset({"workplace"})),
    "employer c/l": ("cl", frozenset({"employer"})),
    "fit-to-travel c": ("c", frozenset({"fit_to_travel"})),
    "return plan c": ("c", frozenset({"return_plan"})),
    "plan c": ("c", frozenset({"return_plan"})),
    "destination c": ("c", frozenset({"destination"})),
    "visit date": ("A", frozenset({"visit_date"})),
    "age band": ("A", frozenset({"age_band"})),
    "about employer": ("A", frozenset({"service", "priority"})),
    "reason hidden": ("A", frozenset({"age_group", "sex", "language", "interpreter"})),
}
"""What each phrase of the design opens, and with which fields if not with all of its group."""

FIELDS: Final[dict[Group, str]] = {
    Group.ROUTING: "service priority age_group sex language interpreter risk safe_contact",
    Group.IDENTITY: "first_name last_name alias birth_date nationality person_number identifiers",
    Group.CONTACT: "phone email address workplace destination",
    Group.RESIDENCE: "status asylum entitlement",
    Group.EXPLOITATION: "types control recruiter labour indicators",
    Group.NARRATIVE: "text",
    Group.HEALTH: "care_needs treatment psychosocial fit_to_travel",
    Group.PERPETRATOR: "role description employer safety_warning",
    Group.CHILD: "representative family age_band",
    Group.SUPPORT: "plan return_plan period_start period_end visit_date",
    Group.STATISTICS: "year source age_band",
}
BEGIN: Final = date(2026, 1, 1)
"""The first day of every cell."""


def expected(row: str, group: Group, *, consented: bool, grounded: bool, on: date) -> frozenset[str] | None:
    """Say by hand which fields of a group a row sees; None where the group is closed."""
    marks, fields = PHRASES[ROWS[row].split(" | ")[COLUMNS.index(group)]]
    opened = "A" in marks or ("c" in marks and consented) or ("l" in marks and grounded)
    if on < BEGIN or not opened:
        return None
    return fields or frozenset(FIELDS[group].split())


def staffed(policy: Policy) -> Policy:
    """Return the policy with one organisation in each row, under the row's own code, for ever."""
    everybody = {
        code: Organisation(
            name=receiver.row,
            mandates=(
                Mandate(
                    receiver=code,
                    identify=False,
                    services=SERVICES.codes,
                    citation="test",
                    valid_from=date.min,
                ),
            ),
        )
        for code, receiver in policy.receivers.items()
    }
    return policy.model_copy(update={"organisations": everybody})
