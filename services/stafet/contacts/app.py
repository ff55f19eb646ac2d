"""The composition of the contacts: the only place that knows its real store and hours."""

from stafet.contacts.adapters import load_hours
from stafet.contacts.settings import ContactsSettings
from stafet.contacts.subscribers import subscription
from stafet_runtime.database import Database
from stafet_runtime.service import Service


def build(database: Database, settings: ContactsSettings) -> Service:
    """Compose the service.

    Raises:
        DataError: the file of hours says something else than hours.
    """
    return Service(name="contacts", database=database, subscription=subscription(load_hours(settings.hours)))
