"""What befalls canaries at a running hub: referred, revealed, half of them erased, the keys rotated."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stafet.vault.app.erasures import Eraser
from stafet.vault.app.keys import KeyMaster
from stafet.vault.app.ledger import Notary
from stafet.vault.app.local import LocalVault
from stafet.vault.app.reveals import Revealer
from stafet.vault.app.session import Session
from stafet.vault.domain.reveal import REVEAL, Ask
from stafet.vault.handlers.erasing import Erased
from stafet.vault.handlers.granting import Granted
from stafet_cli.ledger import prove_command
from stafet_cli.seat import vault_seat
from stafet_connectors.police.simulator_plan import Planned
from stafet_runtime.vaultport import DisclosureBlockedError, ReleaseRequest
from tests.cli.terminal import Terminal
from tests.faults.canaries import Canary, all_closed, browse, case_of, listening, send
from tests.services.vault.burglar import dump_whole, secrets_of
from tests.walk.police_desk import desk
from tests.walk.whole_hub import Json, WholeHub

ASKED_FOR: Final = 4
CONTENTS: Final = """
    select case_id, referral, record_id::text as record from vault.disclosures
    where part = 'content' and outcome = 'made'
"""
PROVEN: Final = """
    select distinct on (lane) disclosure_id::text as id from vault.disclosures where lane = any($1)
"""


@dataclass(frozen=True, slots=True, repr=False)
class Life:
    """Cases by canary, the secrets that there were before, and what the vault releases of each case since."""

    cases: Sequence[str]
    stolen: Sequence[bytes]
    released: Sequence[bytes]


async def live(hub: WholeHub, flock: Sequence[Canary], unusable: Sequence[Planned], seen: Path) -> Life:
    """Play it all; answers, streams, dumps, proofs and pages go into files of a folder."""
    async with hub.up(), hub.agencies(), desk(hub) as police, listening(hub, seen / "live.txt"):
        await hub.ready()
        answers = await send(police, [*(each.planned for each in flock), *unusable])
        assert [each.code for each in answers[: len(flock)]] == ["MODTAGET"] * len(flock)
        (seen / "answers.xml").write_bytes(b"\n".join(each.body for each in answers))
        await all_closed(hub, len(flock))
        async with vault_seat(hub.settings) as session:
            cases = [await _known(session, each) for each in flock]
            asked = [await _revealed(session, *each) for each in zip(cases[:ASKED_FOR], flock, strict=False)]
            assert asked == [True] * ASKED_FOR
            dump_whole(hub.settings.postgres, seen / "before")
            stolen = secrets_of(hub.home)
            await _forget(hub, session, cases[::2])
            dump_whole(hub.settings.postgres, seen / "after")
            await KeyMaster(session).retire("file-1")
            await Notary(session, hub.home).sign()
            released = await _released(hub, session, cases)
        await _prove(hub, cases[:ASKED_FOR], seen)
        typed = [each.planned.reference for each in flock[:ASKED_FOR]]
        await browse(hub, cases[:16], typed, seen / "pages.txt")
    return Life(cases, stolen, released)


async def _known(session: Session, canary: Canary) -> str:
    """Add what no form carries; return the case."""
    await LocalVault(session).register(canary.more)
    return await case_of(session, canary)


async def _revealed(session: Session, case: str, canary: Canary) -> bool:
    ask = Ask(REVEAL, "caseworker", "support", canary.phrases[0], "k.testgaard", frozenset({"identity"}))
    return isinstance(await Revealer(session).reveal(case, ask), Granted)


async def _forget(hub: WholeHub, session: Session, cases: Sequence[str]) -> None:
    """Erase as the command does, wait until the Red Cross was told of each, and rotate."""
    eraser = Eraser(session, hub.home)
    erased = [isinstance(await eraser.erase(each, "objection", "D. Decider"), Erased) for each in cases]
    assert erased == [True] * len(cases)
    await hub.recorded("redcross", "erasure", count=len(cases))
    await KeyMaster(session).rotate()


async def _prove(hub: WholeHub, cases: Sequence[str], into: Path) -> None:
    """Write a proof of a disclosure of each case."""
    rows, console = await hub.rows(PROVEN, cases), Terminal().console
    codes = [await prove_command(hub.settings, each["id"], into / each["id"], console) for each in rows]
    assert codes == [0] * len(cases)


async def _released(hub: WholeHub, session: Session, cases: Sequence[str]) -> list[bytes]:
    """Give what the vault releases of each case to the Red Cross now; nothing if it says it is erased."""
    rows, vault = {each["case_id"]: each for each in await hub.rows(CONTENTS)}, LocalVault(session)
    return [await _values(vault, rows[case]) for case in cases]


async def _values(vault: LocalVault, row: Json) -> bytes:
    case, record, referral = row["case_id"], row["record"], row["referral"]
    asked = ReleaseRequest(
        delivery=f"look-{case}", case=case, record=record, referral=referral, sender="police",
        recipient="redcross", part="content", purpose="support", placer="look", accepted=True,
    )  # fmt: skip
    try:
        return repr((await vault.release(asked)).values).encode()
    except DisclosureBlockedError as blocked:
        return b"" if blocked.reason == "erased" else b"blocked otherwise"
