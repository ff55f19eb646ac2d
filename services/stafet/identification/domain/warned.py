"""Who is to be warned before a period ends: the contact person's agency, the shelter, the authority."""

from stafet.identification.domain.competence import AUTHORITY
from stafet.identification.domain.context import Context
from stafet.identification.domain.decision import Decision
from stafet_runtime.thing import Thing

CONTACT = "contact_person"
STAY = "stay"
STAYING = "staying"
LEFT = "left"


def notified(case: str, context: Context) -> tuple[str, ...]:
    """Name the agencies to be warned of what becomes of a period, each once."""
    stays = [each for each in context.matter.all(case, STAY) if each.state == STAYING]
    agencies = {
        context.only(case, AUTHORITY).state,
        context.only(case, CONTACT).state,
        *(str(each.facts["provider"]) for each in stays),
    }
    return tuple(sorted(agencies - {""}))


def contact_person(case: str, provider: str) -> Decision:
    """Remember which agency the contact person works for."""
    return Decision((Thing(case, CONTACT, CONTACT, provider),))


def stay(case: str, name: str, provider: str, state: str) -> Decision:
    """Remember with whom the person stays or no longer does; where that is, nobody learns here."""
    return Decision((Thing(case, STAY, name, state, {"provider": provider}),))
