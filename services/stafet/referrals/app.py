"""The composition of referrals: the only place that knows its real store and rules."""

from stafet.referrals.adapters.rulesfile import load_rules
from stafet.referrals.settings import ReferralsSettings
from stafet.referrals.subscribers import subscription
from stafet_runtime.database import Database
from stafet_runtime.service import Service


def build(database: Database, settings: ReferralsSettings) -> Service:
    """Compose the service.

    Raises:
        DataError: the rules' file says something else than rules.
    """
    rules = load_rules(settings.rules)
    return Service(name="referrals", database=database, subscription=subscription(rules))
