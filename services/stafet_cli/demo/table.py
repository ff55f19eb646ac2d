"""Shows a judgement: a table with one line per number, what went wrong, and a verdict in one line."""

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stafet_cli.demo.report import Judgement

SHOWN_PROBLEMS: Final = 20
BAD: Final = frozenset({"lost", "duplicates", "inversions", "leaks"})


def show(judgement: Judgement, output: Console | None = None) -> None:
    """Print to `output` (stdout by default); plain lines without frames or colours when it is no terminal."""
    output = output or Console(highlight=False)
    rows = list(_rows(judgement))
    if output.is_terminal:
        output.print(_table(rows))
    else:
        for name, number, remark in rows:
            output.print(Text(f"{name:<26}{number:>10}  {remark}".rstrip()), soft_wrap=True)
    for problem in judgement.problems[:SHOWN_PROBLEMS]:
        output.print(Text(f"- {problem}", "red"), soft_wrap=True)
    if len(judgement.problems) > SHOWN_PROBLEMS:
        output.print(Text(f"- and {len(judgement.problems) - SHOWN_PROBLEMS} more", "red"))
    output.print(Text(verdict(judgement), "bold green" if judgement.ok else "bold red"), soft_wrap=True)


def verdict(judgement: Judgement) -> str:
    """Say in one line how the demo went."""
    report = judgement.report
    if judgement.ok:
        return (
            f"OK: {report.submitted} submitted, {report.rejected} rejected with a reason, {report.closed} "
            "answered and closed; nothing lost, doubled, out of order, leaked or sent against a withdrawal."
        )
    return (
        f"FAILED: {report.lost} lost, {report.duplicates} doubled, {report.inversions} out of order, "
        f"{report.leaks} leaked; {len(judgement.problems)} problems, listed above."
    )


def _rows(judgement: Judgement) -> Iterator[tuple[str, str, str]]:
    report = judgement.report
    reasons = ", ".join(f"{code} {count}" for code, count in judgement.reasons.items())
    yield "submitted", str(report.submitted), "by the police, each counted once"
    yield "accepted", str(report.accepted), "by the hub: committed, and the police hold the receipt"
    yield "rejected", str(report.rejected), reasons
    yield "delivered", str(report.delivered), "notice in the receiver's record"
    yield "answered", str(report.answered), "yes or no of the receiver, known to the hub"
    yield "closed", str(report.closed), "final receipt at the police, loop closed"
    yield "lost", str(report.lost), "something missing at any step"
    yield "duplicates", str(report.duplicates), "double effects at a partner"
    yield "repeated", str(judgement.repeated), "same delivery again, dropped by the partner"
    yield "inversions", str(report.inversions), "out of order at a partner"
    yield "leaks", str(report.leaks), "personal values in topics, tables and logs"
    yield "disclosures made", str(report.disclosures_made), "parts with values that the vault released"
    refused = ", ".join(f"{code} {count}" for code, count in judgement.blocked.items())
    yield "disclosures blocked", str(report.disclosures_blocked), refused or "refused by the vault"
    yield (
        "withdrawn before sending",
        str(report.withdrawn_before_sending),
        "nothing came of what consent had opened",
    )
    yield "withdrawn after sending", str(judgement.recalled), "Red Cross was told to use it no more"
    yield (
        "ledger verified",
        "-" if report.ledger_verified is None else str(report.ledger_verified),
        "rows that are as they were written",
    )
    yield "accept to delivered", _milliseconds(report.p50_ms), "p50"
    yield "", _milliseconds(report.p99_ms), "p99"
    yield "withdrawal to effect", _milliseconds(report.effect_p50_ms), "p50"
    yield "", _milliseconds(report.effect_p99_ms), "p99"
    for agency, counts in report.agencies.items():
        said = ", ".join(f"{count} {what}" for what, count in counts.items() if count and what != "referred")
        yield f"to {agency}", str(counts["referred"]), said
    yield "wall time", f"{report.seconds:.1f} s", ""


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"


def _table(rows: list[tuple[str, str, str]]) -> Table:
    table = Table(title="Demo: the police to three agencies and back")
    table.add_column("", style="bold")
    table.add_column("number", justify="right")
    table.add_column("", style="dim")
    for name, number, remark in rows:
        bad = (name in BAD and number != "0") or (name, number) == ("ledger verified", "0")
        table.add_row(Text(name), Text(number, "bold red" if bad else ""), Text(remark))
    return table
