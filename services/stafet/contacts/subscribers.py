"""`contact.reported` leads to the one handler."""

from typing import TYPE_CHECKING, Final, cast

from stafet.contacts.adapters import contacts
from stafet.contacts.domain.hours import Hours
from stafet.contacts.handlers import on_contact_reported
from stafet_runtime.consumer import UNHURRIED_MS, Subscription, Work
from stafet_runtime.outbox import Outbox
from stafet_schemas.contact import ContactEvent, ContactReported
from stafet_schemas.event import Event

if TYPE_CHECKING:
    from stafet.contacts.ports import Contacts

TOPICS: Final = (ContactEvent.topic,)


def subscription(hours: Hours) -> Subscription:
    """Return what the service listens to; whose turn a contact is, `hours` say."""

    async def reported(event: Event, work: Work, outbox: Outbox) -> None:
        # The runtime routes by class and hands back what `open` made; only this module knows both.
        said, book = cast("ContactReported", event), cast("Contacts", work)
        await on_contact_reported(said, contacts=book, outbox=outbox, hours=hours)

    return Subscription(
        service="contacts",
        patience_ms=UNHURRIED_MS,
        topics=TOPICS,
        open=lambda unit: contacts(unit.connection),
        routes={ContactReported: reported},
    )
