"""The police as seen from the hub: sends referrals by its seed, takes receipts and referrals, records all.

Needs below `home`: `pki/ca.pem` and, in `simulators/police/`, `identifiers.toml` (`cvr`, `uuid`, `hub_cvr`,
`agency_redcross`), `hub_certificate.pem`, `hub_tls_certificate.pem`, and pairs of key and certificate:
`key.pem`, `certificate.pem` (signatures), `tls_*` (server), `client_*` (client), `expired_*` (of before).
Writes `simulators/police/values.json` (every personal value, for the search of leaks) before it sends any,
and `police/record.jsonl`: lines listening, submitted, answer, done_sending, receipt, refused_receipt,
refused_client; object and recall for what the hub sends, told for what was answered to it; announced, filed
and file_receipt of documents. Where a file drop was agreed, it serves one by SFTP, with `ssh_host_key` and
`authorized_keys`, which lie beside its other keys.
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from stafet_connectors.police import simulator_decisions, simulator_papers, simulator_receipts
from stafet_connectors.police.simulator_decisions import Decisions
from stafet_connectors.police.simulator_filing import FOLDERS, Filing
from stafet_connectors.police.simulator_messages import Office, client_identity
from stafet_connectors.police.simulator_papers import papers
from stafet_connectors.police.simulator_plan import SCRIPTED, plan, scripted, values
from stafet_connectors.police.simulator_receipts import Receipts
from stafet_connectors.police.simulator_sender import Pace, Sender
from stafet_sdk.faults import read_faults
from stafet_sdk.server import Clients, serve
from stafet_sdk.simulator import Record, SimulatorOptions, trusting_client, until_hub_answers

USER: Final = "stafet"
SCRIPTS: Final = {
    **simulator_receipts.SCRIPTS,
    **simulator_decisions.SCRIPTS,
    **simulator_papers.SCRIPTS,
    **dict.fromkeys(SCRIPTED, 50),
}
"""All fault scripts, and how many percent of the messages each strikes unless it is said."""


async def run(options: SimulatorOptions) -> None:
    """Send what the seed plans, then go on taking receipts until cancelled.

    Raises:
        OSError: a file is missing or the port is taken.
        ValueError: a fault script has no such name.
    """
    own, faults = options.own, read_faults(options.faults, SCRIPTS)
    chains = scripted(plan(options.seed, options.referrals, options.receivers), faults, options.seed)
    (own / "values.json").write_text(json.dumps(values(chains), ensure_ascii=False), encoding="utf-8")
    office = Office.of(options)
    record = Record(options.record)
    tls = own / "tls_certificate.pem", own / "tls_key.pem"
    hub_tls = (own / "hub_tls_certificate.pem").read_bytes()
    try:
        async with trusting_client(options.home, identity=client_identity(options)) as client:
            decisions = Decisions(client, office, record, faults, options.seed, _now)
            receipts = Receipts(
                record=record,
                credentials=office.credentials,
                hub_certificate=office.hub_certificate,
                hub_tls=hub_tls,
                faults=faults,
                decisions=decisions,
                now=_now,
                seed=options.seed,
            )
            clients = Clients(options.home / "pki" / "ca.pem", lambda: record.add("refused_client"))
            async with serve(receipts.app(), options.host, options.port, *tls, clients=clients) as port:
                record.add("listening", port=port)
                await until_hub_answers(client, options)
                async with asyncio.TaskGroup() as group, file_server(options) as files:
                    group.create_task(decisions.work())
                    sender = Sender(client, options.inbox, office, record, Pace(options.rate), _now)
                    await sender.send_all(chains)
                    if files is not None:
                        filing = Filing(client, office, record, files, _now)
                        group.create_task(filing.read_receipts())
                        await filing.send_all(papers(chains, options.documents, faults, options.seed))
                    record.add("done_sending")
                    # The file server is there as long as anything else: it ends when all is cancelled.
                    await asyncio.Event().wait()
    finally:
        record.close()


@asynccontextmanager
async def file_server(options: SimulatorOptions) -> AsyncGenerator[Path | None]:
    """Serve the files of the agency while the block runs; yields their folder, None if no drop was agreed."""
    if options.drop_port is None:
        yield None
        return
    from stafet_sdk.sftpserver import serve_sftp  # noqa: PLC0415 - slow to load, and only a drop needs it

    files = options.home / options.agency / "files"
    for name in FOLDERS:
        (files / name).mkdir(parents=True, exist_ok=True)
    users = {USER: (options.own / "authorized_keys").read_bytes()}
    host_key = (options.own / "ssh_host_key").read_bytes()
    async with serve_sftp(files, host_key, users, host=options.host, port=options.drop_port):
        yield files


def _now() -> datetime:
    return datetime.now(UTC)
