"""The composition of support: the only place that knows its real store and rules."""

from stafet.support.adapters import load_rules
from stafet.support.settings import SupportSettings
from stafet.support.subscribers import subscription
from stafet_runtime.database import Database
from stafet_runtime.service import Service


def build(database: Database, settings: SupportSettings) -> Service:
    """Compose the service.

    Raises:
        DataError: the rules' file says something else than rules.
    """
    rules = load_rules(settings.rules)
    return Service(name="support", database=database, subscription=subscription(rules))
