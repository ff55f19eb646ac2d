"""`stafet erase` and `stafet hold`: forget a case, keep one from being forgotten, check a certificate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from rich.console import Console

from stafet.vault.app.erasures import Eraser
from stafet.vault.domain.erasure import GROUNDS, HOLDS, Held, Hold, case_digest, read_certificate
from stafet.vault.domain.signature import signed_by
from stafet.vault.handlers.erasing import Erased
from stafet_cli.printing import print_line
from stafet_cli.seat import bare_seat, vault_seat
from stafet_runtime.settings import HubSettings

DONE: Final = 0
NOT_DONE: Final = 1
WRONG: Final = 2


async def erase_command(settings: HubSettings, case: str, *, reason: str, by: str, output: Console) -> int:
    """Erase a case and print what was destroyed and where the certificate is.

    Returns:
        The exit code: 0 erased, now or before; 1 held or unknown; 2 no such reason.
    """
    if reason not in GROUNDS:
        return _say(output, WRONG, f"--reason: say one of {', '.join(GROUNDS)}")
    async with vault_seat(settings) as session:
        eraser = Eraser(session, settings.home)
        outcome = await eraser.erase(case, reason, by)
        versions = tuple(session.keys.provider.versions)
    match outcome:
        case Erased(certificate, again):
            _print_erased(certificate, eraser.place_of(certificate), output, again=again)
            return _say(output, DONE, f"{'dumps':<13}{_of_dumps(certificate, versions)}")
        case Held(holds):
            _say(output, NOT_DONE, "held, nothing was erased; the order is kept. In the way:")
            for each in holds:
                _print_hold(each, output)
            return _say(output, NOT_DONE, "after `stafet hold CASE --lift HOLD`, run `stafet erase` again")
        case _:
            return _say(output, NOT_DONE, _unknown(case))


async def replay_command(settings: HubSettings, output: Console) -> int:
    """Shred again what a restored backup brought back, and print how many cases that were."""
    async with bare_seat(settings) as session:
        count = await Eraser(session, settings.home).replay()
    return _say(output, DONE, f"{count} case{'' if count == 1 else 's'} shredded again")


def check_command(path: Path, case: str | None, output: Console) -> int:
    """Check a certificate offline: is it whole, and (with a case) is it that case's.

    Returns:
        The exit code: 0 it holds; 1 it does not; 2 there is no certificate.
    """
    try:
        certificate = read_certificate(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return _say(output, WRONG, f"{path.name}: no certificate of erasure: name the file that erase wrote")
    if not signed_by(certificate.key, certificate.signature, certificate.content):
        return _say(output, NOT_DONE, "changed since it was signed: ask the hub for the certificate again")
    if case is not None and certificate.case != case_digest(case):
        return _say(output, NOT_DONE, "whole, and of another case")
    return _say(output, DONE, f"whole, signed by the key {certificate.key.hex()}: compare it with the hub's")


@dataclass(frozen=True, slots=True)
class Order:
    """A hold as it is asked for: why and by whom, and until which day (that one included)."""

    kind: str
    why: str
    by: str
    until: date | None


async def hold_command(settings: HubSettings, case: str, order: Order, output: Console) -> int:
    """Place a hold on a case.

    Returns:
        The exit code: 0 placed; 1 no such case, or erased; 2 a word is missing or wrong.
    """
    if order.kind not in HOLDS:
        return _say(output, WRONG, f"--kind: say one of {', '.join(HOLDS)}")
    if not order.why or not order.by:
        return _say(output, WRONG, "--why and --by: name the document and the human that ask for the hold")
    async with vault_seat(settings) as session:
        if order.until is not None and order.until < session.clock.now().date():
            return _say(output, WRONG, "--until: a day that is over holds nothing")
        hold = Hold(session.ids.new(), case, order.kind, order.by, order.why, order.until)
        placed = await Eraser(session, settings.home).place(hold)
    if not placed:
        return _say(output, NOT_DONE, f"{_unknown(case)} An erased case has nothing left to hold.")
    _print_hold(hold, output)
    return DONE


async def lift_command(settings: HubSettings, hold: str, *, by: str, output: Console) -> int:
    """End a hold; exit code 1 if there is none in force under this id."""
    async with vault_seat(settings) as session:
        lifted = await Eraser(session, settings.home).lift(hold, by)
    if not lifted:
        return _say(output, NOT_DONE, "no hold in force under this id: `stafet hold CASE` lists them")
    return _say(output, DONE, "lifted; an order to erase that waits goes on with `stafet erase CASE`")


async def holds_command(settings: HubSettings, case: str, output: Console) -> int:
    """List the holds of a case that were not lifted."""
    async with vault_seat(settings) as session:
        found = await Eraser(session, settings.home).holds(case)
    for each in found:
        _print_hold(each, output)
    return DONE if found else _say(output, DONE, "no holds")


def _print_erased(certificate: str, path: Path, output: Console, *, again: bool) -> None:
    said = read_certificate(certificate).said
    _say(output, DONE, "erased before; this is its certificate" if again else "erased")
    counts = ", ".join(f"{count} {name}" for name, count in said["destroyed"].items())
    lines = (
        ("destroyed", counts),
        ("kept", ", ".join(said["kept"]) or "nothing"),
        ("reason", f"{said['reason']} ({said['ground']})" if said["ground"] else said["reason"]),
        ("at", said["shredded_at"]),
        ("certificate", str(path)),
    )
    for name, text in lines:
        _say(output, DONE, f"{name:<13}{text}")


def _of_dumps(certificate: str, versions: Sequence[str]) -> str:
    needed = read_certificate(certificate).said.get("wrapped_under", versions)
    open_under = [each for each in needed if each in versions]
    if not open_under:
        return "none opens it: the key-encryption keys that one would need are retired"
    names = ", ".join(open_under)
    remedy = "`stafet keys rotate`, take a fresh dump, then `stafet keys retire VERSION`"
    return f"one from before opens it until retired: {names}: {remedy}"


def _print_hold(hold: Hold, output: Console) -> None:
    until = f"until {hold.until}" if hold.until else "until lifted"
    _say(output, DONE, f"{hold.hold}  {hold.kind} ({HOLDS[hold.kind]}), {until}, by {hold.by}: {hold.why}")


def _unknown(case: str) -> str:
    return f"no case {case}: `stafet trace` finds a case by referral or message."


def _say(output: Console, code: int, text: str) -> int:
    """Print a line; return the exit code."""
    print_line(output, text)
    return code
