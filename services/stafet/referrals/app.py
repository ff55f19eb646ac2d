"""The composition of referrals: the only place that knows its real store and rules."""

from stafet.referrals.adapters import load_rules
from stafet.referrals.subscribers import subscription
from stafet_runtime.database import Database
from stafet_runtime.service import Service


def build(database: Database) -> Service:
    """Compose the service.

    Raises:
        ValueError: the rules' file says something else than rules.
    """
    return Service(name="referrals", database=database, subscription=subscription(load_rules()))
