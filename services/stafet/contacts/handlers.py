"""What the service does on each report: look the contact up, decide, keep its state, tell what follows."""

from stafet.contacts.domain.contact import decide
from stafet.contacts.domain.hours import Hours
from stafet.contacts.ports import Contacts
from stafet_runtime.outbox import Outbox
from stafet_schemas.contact import ContactReported


async def on_contact_reported(
    event: ContactReported, *, contacts: Contacts, outbox: Outbox, hours: Hours
) -> None:
    """Take in what was said about a contact."""
    said = event.data
    decision = decide(contacts.get(said.contact, "contact", said.contact), said, hours)
    contacts.put(decision.thing)
    if decision.effect is not None:
        outbox.emit(*decision.effect)
