"""`stafet subject-report`: what a person asks about the own data, as a page and a signed file."""

import os
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from stafet.vault.app.subject import Reporter, write_files
from stafet.vault.domain.proof import fingerprint_of
from stafet.vault.domain.release import Block
from stafet.vault.domain.signature import signed_by
from stafet.vault.domain.subject import page_digest, read_report
from stafet.vault.domain.wording import LANGUAGES
from stafet_cli.reveal import DONE, NOT_DONE, WRONG, blocked_text, problem_text, say
from stafet_cli.seat import vault_seat
from stafet_runtime.settings import HubSettings


@dataclass(frozen=True, slots=True)
class Order:
    """A report as it is asked for: language, who asks, who approves of many, and the folder to write to."""

    language: str
    by: str
    second: str | None
    out: Path


async def report_command(settings: HubSettings, case: str, order: Order, output: Console) -> int:
    """Write a report and print where it is.

    Returns:
        The exit code: 0 written; 1 no such case, or erased; 2 a word or the folder is wrong.
    """
    if order.language not in LANGUAGES:
        return say(output, WRONG, f"--language: say one of {', '.join(LANGUAGES)}")
    if not _can_write(order.out):
        return say(output, WRONG, "--out: nothing can be written there: name another folder")
    async with vault_seat(settings) as session:
        outcome = await Reporter(session).report(case, order.language, order.by, order.second)
    if isinstance(outcome, Block):
        return say(output, NOT_DONE, blocked_text(outcome.reason))
    if isinstance(outcome, list):
        for each in outcome:
            say(output, WRONG, problem_text(each))
        return WRONG
    files = write_files(outcome, order.out)
    say(output, DONE, f"{files.page}: for the person; hand it over in person or by a way that is closed")
    return say(output, DONE, f"{files.signed}: signed; `stafet subject-report --check` checks it anywhere")


def _can_write(out: Path) -> bool:
    """Find out before anything is in the ledger that would then have been shown to nobody."""
    there = next(each for each in (out, *out.absolute().parents) if each.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def check_command(file: Path, output: Console) -> int:
    """Check a report offline: is it whole, and is the page beside it the one that was signed with it.

    Returns:
        The exit code: 0 it is; 1 it was changed; 2 there is no report.
    """
    try:
        report = read_report(file.read_text(encoding="utf-8"))
        page = file.with_suffix(".html").read_text(encoding="utf-8")
    except (OSError, ValueError):
        said = f"{file.name}: no subject report: name its signed file, with the page beside it"
        return say(output, WRONG, said)
    if not signed_by(report.key, report.signature, report.content):
        return say(output, NOT_DONE, "changed since it was signed: ask the hub for the report again")
    if page_digest(page) != report.page:
        return say(output, NOT_DONE, "the page was changed since: ask the hub for the report again")
    said = f"both whole, signed by {fingerprint_of(report.key)}: compare it with the hub's"
    return say(output, DONE, said)
