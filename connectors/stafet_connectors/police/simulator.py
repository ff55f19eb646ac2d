"""The police as seen from the hub: sends referrals by its seed, takes receipts, records both.

Needs below `home`: `pki/ca.pem` and, in `simulators/police/`, `key.pem`, `certificate.pem`, `tls_key.pem`,
`tls_certificate.pem`, `hub_certificate.pem` and `identifiers.toml` (`cvr`, `hub_cvr`, `agency_redcross`).
Writes `simulators/police/values.json` (every personal value, for the search of leaks) before it sends any,
and `police/record.jsonl`: lines listening, submitted, answer, done_sending, receipt, refused_receipt.
"""

import asyncio
import json
from datetime import UTC, datetime

from stafet_connectors.police.simulator_messages import Office
from stafet_connectors.police.simulator_plan import plan, values
from stafet_connectors.police.simulator_receipts import Receipts
from stafet_connectors.police.simulator_sender import Pace, Sender
from stafet_sdk.server import serve
from stafet_sdk.simulator import (
    Record,
    SimulatorOptions,
    read_identifiers,
    trusting_client,
    until_hub_answers,
)
from stafet_sdk.soap import Credentials


async def run(options: SimulatorOptions) -> None:
    """Send what the seed plans, then go on taking receipts until cancelled.

    Raises:
        OSError: a file is missing or the port is taken.
        ValueError: a fault script has no such name.
    """
    own = options.own
    chains = plan(options.seed, options.referrals)
    (own / "values.json").write_text(json.dumps(values(chains), ensure_ascii=False), encoding="utf-8")
    credentials = Credentials((own / "key.pem").read_bytes(), (own / "certificate.pem").read_bytes())
    hub_certificate = (own / "hub_certificate.pem").read_bytes()
    office = Office(read_identifiers(options), credentials, hub_certificate)
    record = Record(options.record)
    tls = own / "tls_certificate.pem", own / "tls_key.pem"
    try:
        receipts = Receipts(record, credentials, hub_certificate, options.faults, _now)
        async with serve(receipts.app(), options.host, options.port, *tls) as port:
            record.add("listening", port=port)
            async with trusting_client(options.home) as client:
                await until_hub_answers(client, options)
                sender = Sender(client, options.inbox, office, record, Pace(options.rate), _now)
                await sender.send_all(chains)
            record.add("done_sending")
            await asyncio.Event().wait()
    finally:
        record.close()


def _now() -> datetime:
    return datetime.now(UTC)
