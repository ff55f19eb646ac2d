"""The composition of identification: the only place that knows its real rules and vocabularies."""

from stafet.identification.adapters import load_rules, load_vocabularies
from stafet.identification.settings import IdentificationSettings
from stafet.identification.subscribers import subscription
from stafet_runtime.database import Database
from stafet_runtime.service import Service


def build(database: Database, settings: IdentificationSettings) -> Service:
    """Compose the service.

    Raises:
        DataError: a file of rules or of indicators says something else.
    """
    rules, vocabularies = load_rules(settings.rules), load_vocabularies(settings.vocabularies)
    return Service(name="identification", database=database, subscription=subscription(rules, vocabularies))
