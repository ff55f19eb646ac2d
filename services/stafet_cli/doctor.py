"""`stafet doctor`: one line per check with its remedy; exit 1 when one failed."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

import typer

from stafet_cli.doctor_checks import CHECKS as OF_THE_SERVERS
from stafet_cli.doctor_checks import Check, Surroundings
from stafet_cli.doctor_keys import check_certificates, check_secrets
from stafet_cli.doctor_partners import check_endpoints
from stafet_cli.doctor_vault import check_erasures, check_reviews
from stafet_runtime.settings import HubSettings

CHECK_SECONDS: Final = 30.0
CHECKS: Final = (
    *OF_THE_SERVERS,
    check_certificates,
    check_secrets,
    check_erasures,
    check_reviews,
    check_endpoints,
)
Examination = Callable[[Surroundings], Coroutine[Any, Any, Check]]


async def examine(surroundings: Surroundings) -> list[Check]:
    """Run all checks at the same time; one that breaks or hangs is a failure and stops no other."""
    return list(await asyncio.gather(*(_run(check, surroundings) for check in CHECKS)))


async def _run(check: Examination, surroundings: Surroundings) -> Check:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check(surroundings)
    except Exception as error:  # noqa: BLE001 - its text may hold a DSN: only its class is shown
        name = check.__name__.removeprefix("check_")
        return Check(
            name, ok=False, detail=f"broke with {type(error).__name__}", remedy="report this with that name"
        )


def doctor_command(ports: Mapping[str, int] | None = None, settings: HubSettings | None = None) -> None:
    """Print the findings and end with exit 1 when one failed; `ports` are the hub's, by what they are for."""
    findings = asyncio.run(examine(Surroundings(settings or HubSettings(), ports or {})))
    for each in findings:
        typer.echo(each.line)
    typer.echo(summary(findings))
    if any(each.ok is False for each in findings):
        raise typer.Exit(1)


def summary(findings: Sequence[Check]) -> str:
    """Say in one line how many checks held, failed, were skipped, and hold with a warning."""
    states = [each.ok for each in findings]
    warned = sum(each.warns for each in findings)
    counts = f"{states.count(True)} ok, {states.count(False)} failed, {states.count(None)} skipped"
    return f"{counts}, {warned} with a warning" if warned else counts
