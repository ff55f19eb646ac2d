"""`stafet rebuild`: the state of services made anew from the log, with the hub stopped."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Final

from rich.console import Console

from stafet.console.subscribers import subscription as console_subscription
from stafet.contacts.adapters import load_hours
from stafet.contacts.settings import ContactsSettings
from stafet.contacts.subscribers import subscription as contacts_subscription
from stafet.deadlines.adapters.clocksfile import load_plan
from stafet.deadlines.settings import DeadlinesSettings
from stafet.deadlines.subscribers import subscription as deadlines_subscription
from stafet.identification.adapters import load_rules as load_identification_rules
from stafet.identification.adapters import load_vocabularies
from stafet.identification.settings import IdentificationSettings
from stafet.identification.subscribers import subscription as identification_subscription
from stafet.referrals.adapters.rulesfile import load_rules as load_referral_rules
from stafet.referrals.settings import ReferralsSettings
from stafet.referrals.subscribers import subscription as referrals_subscription
from stafet.support.adapters import load_rules as load_support_rules
from stafet.support.settings import SupportSettings
from stafet.support.subscribers import subscription as support_subscription
from stafet_cli.printing import print_line
from stafet_runtime.clock import SystemClock, SystemIds
from stafet_runtime.consumer import Subscription
from stafet_runtime.database import migrate, open_database
from stafet_runtime.rebuild import Progress, Rebuild
from stafet_runtime.rebuilder import RebuildError, Rebuilt
from stafet_runtime.settings import HubSettings

SAY_EVERY_S: Final = 2.0
KEPT_ELSEWHERE: Final[Mapping[str, str]] = {
    "vault": "it holds values and keys, which no event carries",
    "gateway": "it holds sealed messages, which no event carries",
    "dispatch": "its lanes say what a partner was sent and may still be sent, which must not be guessed",
}
"""Services whose state is no function of the log, and why: restored from a backup."""


def _identification() -> Subscription:
    settings = IdentificationSettings()
    return identification_subscription(
        load_identification_rules(settings.rules), load_vocabularies(settings.vocabularies)
    )


SUBSCRIPTIONS: Final[Mapping[str, Callable[[], Subscription]]] = {
    "referrals": lambda: referrals_subscription(load_referral_rules(ReferralsSettings().rules)),
    "identification": _identification,
    "support": lambda: support_subscription(load_support_rules(SupportSettings().rules)),
    "deadlines": lambda: deadlines_subscription(load_plan(DeadlinesSettings().clocks)),
    "contacts": lambda: contacts_subscription(load_hours(ContactsSettings().hours)),
    "console": console_subscription,
}
"""Services whose state is a function of the log."""


async def rebuild_command(settings: HubSettings, names: Sequence[str], output: Console) -> int:
    """Make the state of some services from STAFET_KAFKA in STAFET_POSTGRES, and say how far it is.

    Raises:
        RebuildError: a service is no function of the log, or the log does not do; the text says what to do.
    """
    for name in names:
        if name not in SUBSCRIPTIONS:
            why = KEPT_ELSEWHERE.get(name, f"there are {', '.join(SUBSCRIPTIONS)}")
            raise RebuildError(f"{name} is not made of the log ({why}): restore its backup")
    chosen = list(dict.fromkeys(names)) or list(SUBSCRIPTIONS)
    await migrate(settings.postgres, chosen)
    async with AsyncExitStack() as stack:
        services: list[Rebuilt] = []
        for name in chosen:
            database = await open_database(settings.postgres, name)
            stack.push_async_callback(database.close)
            services.append(Rebuilt(SUBSCRIPTIONS[name](), database))
        work = Rebuild(settings.kafka, services, SystemClock(), SystemIds(), prefix=settings.topic_prefix)
        count = await work.run(_saying(output))
    print_line(output, f"{', '.join(chosen)}: made of {count} events; start the hub, it reads on from there")
    return 0


def _saying(output: Console) -> Progress:
    begun = last = time.monotonic()

    def say(what: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SAY_EVERY_S:
            last = now
            print_line(output, f"{done} of {total} {what}, after {now - begun:.0f} s")

    return say
