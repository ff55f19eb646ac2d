"""The immigration service as a process of its own: takes what the hub sends, decides, shows what changed.

HTTPS with client certificates required; below `/v1` everything wants a token that `/oauth/token` issues. A
notice it takes or declines, by the seed and by what the notice says; after the content it begins, decides and
completes, and some decisions it takes back once the hub has seen them. With `referrals` it suspects so many
persons itself, `rate` of them a second. Its whole state is its record, from which it goes on after being
killed.
Needs below `<home>`: `pki/ca.pem` and, in `simulators/immigration/`, tls_key.pem, tls_certificate.pem,
`clients/<client id>.pem` and identifiers.toml (`issuer`; `replay = "stored"` for stored answers, not 412).
Writes `simulators/immigration/values.json` (every personal value, for the search of leaks).
Record lines: listening, token, received, replayed, refused, fault, item, moved, revealed and shown.
"""

import asyncio
import json
from datetime import UTC, datetime

from stafet_connectors.immigration import REPLAY, STORED
from stafet_connectors.immigration.simulator_api import Api
from stafet_connectors.immigration.simulator_book import Book
from stafet_connectors.immigration.simulator_desk import KNOWN, Desk
from stafet_connectors.immigration.simulator_keys import CLIENTS
from stafet_connectors.immigration.simulator_plan import Plan, values, victims
from stafet_connectors.immigration.simulator_tokens import Issuer, read_clients
from stafet_sdk.faults import read_faults
from stafet_sdk.server import Clients, serve
from stafet_sdk.simulator import Record, SimulatorOptions, read_identifiers


async def run(options: SimulatorOptions) -> None:
    """Run until cancelled.

    Raises:
        OSError: a file is missing or the port is in use.
        ValueError: a fault script has no such name.
    """
    own = options.own
    faults = read_faults(options.faults, KNOWN)
    identifiers = read_identifiers(options)
    said = values(options.seed, options.referrals)
    (own / "values.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    record = Record(options.record)
    try:
        suspected = dict(victims(options.seed, options.referrals))
        book = Book(record, suspected)
        desk = Desk(book, Plan(options.seed, faults), faults, options.seed, _now)
        issuer = Issuer(identifiers["issuer"], read_clients(own / CLIENTS), desk.misbind)
        api = Api(desk, issuer, _now, stored=identifiers.get(REPLAY) == STORED)
        tls = own / "tls_certificate.pem", own / "tls_key.pem"
        clients = Clients(options.home / "pki" / "ca.pem", required=True)
        async with serve(api.app(), options.host, options.port, *tls, clients=clients) as port:
            record.add("listening", port=port)
            for suspicion in suspected:
                desk.refer(suspicion)
                await asyncio.sleep(0 if options.rate is None else 1 / options.rate)
            await asyncio.Event().wait()
    finally:
        record.close()


def _now() -> datetime:
    return datetime.now(UTC)
