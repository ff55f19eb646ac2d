"""What each thing of a case may go through. Steps have the names of `steps.toml`; one more is a referral's.

A place that a referral brought begins reserved: the referral was the request, its acceptance keeps the place.
It may be left before anybody moved in, and by somebody who is missing: then it is kept no longer.
"""

from typing import Final

from stafet_runtime.machine import Machine
from stafet_schemas.steps import steps

NEED: Final = Machine("need", {"need_assessed": {"": "assessed"}})
STAY: Final = Machine(
    "stay",
    {
        "accommodation_requested": {"": "requested"},
        "referral_accepted": {"": "reserved"},
        "accommodation_reserved": {"requested": "reserved"},
        "accommodation_declined": {"requested": "declined"},
        "accommodation_checked_in": {"requested": "checked_in", "reserved": "checked_in"},
        "accommodation_left": {"reserved": "left", "checked_in": "left", "missing": "left"},
        "accommodation_missing": {"checked_in": "missing"},
        "accommodation_found": {"missing": "checked_in"},
    },
)
EPISODE: Final = Machine(
    "episode",
    {
        "service_requested": {"": "requested"},
        "service_started": {"requested": "started"},
        "service_ended": {"requested": "ended", "started": "ended"},
    },
)
CONTACT_PERSON: Final = Machine(
    "contact_person", {"contact_person_assigned": {"": "assigned", "assigned": "assigned"}}
)
PLAN: Final = Machine("plan", {"plan_agreed": {"": "agreed"}})
CHILD: Final = Machine("child", {"child_suspected": {"": "suspected"}})
# The municipality has 24 hours to look and six working days to answer: either may come first.
NOTIFICATION: Final = Machine(
    "notification",
    {
        "child_notification_sent": {"": "sent"},
        "child_notification_acknowledged": {"sent": "acknowledged", "assessed": "answered"},
        "child_acute_assessed": {"sent": "assessed", "acknowledged": "answered"},
    },
)
ABSENCE: Final = Machine(
    "absence", {"child_reported_missing": {"": "missing"}, "child_found": {"missing": "found"}}
)
REPRESENTATION: Final = Machine(
    "representation",
    {"representative_requested": {"": "requested"}, "representative_appointed": {"requested": "appointed"}},
)
BEFORE_DEPARTURE: Final = ("accepted", "preparing", "travel_booked")
"""The states of a return that stand on a consent and may fall back."""
RETURN: Final = Machine(
    "return",
    {
        "return_offered": {"": "offered"},
        "return_accepted": {"offered": "accepted"},
        "return_plan_drafted": {"accepted": "preparing"},
        "return_travel_booked": {"preparing": "travel_booked"},
        "return_fell_back": dict.fromkeys(BEFORE_DEPARTURE, "offered"),
        "return_departed": {"travel_booked": "departed"},
        "return_ended": dict.fromkeys(("offered", *BEFORE_DEPARTURE), "closed"),
        "reintegration_started": {"departed": "reintegrating"},
        "reintegration_payment_due": {"reintegrating": "reintegrating"},
        "reintegration_ended": {"departed": "closed", "reintegrating": "closed"},
    },
)
MACHINES: Final = (
    NEED, STAY, EPISODE, CONTACT_PERSON, PLAN, CHILD, NOTIFICATION, ABSENCE, REPRESENTATION, RETURN,
)  # fmt: skip
OWN: Final = frozenset(name for name, each in steps().items() if each.service == "support")
OF_STEP: Final = {step: machine for machine in MACHINES for step in machine.moves if step in OWN}
"""The machine that decides on a step of ours; that a referral was accepted is not said to us."""
