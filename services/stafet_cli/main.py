"""The command line `stafet`: every command says what to do when it fails.

Each command imports what it needs when it is run: all of the hub takes seconds of a processor, and
`stafet ready` is what a container engine runs again and again to ask a process for its health.
"""

from contextlib import closing
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from stafet_cli.connector_command import connector
from stafet_cli.consent_command import consent
from stafet_cli.erase_command import erase, hold
from stafet_cli.ledger_command import ledger
from stafet_cli.login import who
from stafet_cli.partner_command import partner as partners
from stafet_cli.policy_command import policy
from stafet_cli.report_command import capacity, contact, operation, step, steps
from stafet_cli.reveal_command import reveal
from stafet_cli.simulate_command import simulate
from stafet_cli.typed import do, exit_with, fail, guarded, output, settings_of
from stafet_runtime.settings import SERVICES

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Stafet: referrals between the agencies that meet trafficked people.",
)  # fmt: skip
app.add_typer(policy, name="policy")
app.add_typer(consent, name="consent")
app.add_typer(ledger, name="ledger")
app.add_typer(partners, name="partner")
app.add_typer(reveal, name="reveal")
app.add_typer(connector, name="connector")
app.add_typer(operation, name="operation")

Home = Annotated[
    Path | None, typer.Option(help="Folder of keys, partners, logs and the embedded servers' data.")
]


@app.command()
def demo(
    referrals: Annotated[int, typer.Option(min=1, help="How many the police send.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed sends the same.")] = 1,
    report: Annotated[Path | None, typer.Option(help="Where to write the numbers as JSON.")] = None,
    story: Annotated[
        str | None, typer.Option(help="Play this instead: raid, custody, child or return.")
    ] = None,
    home: Home = None,
) -> None:
    """Send referrals from the police to three agencies and back, and judge: exit 1 if not all well."""
    if story is not None:
        from stafet_cli.story.show import show_story  # noqa: PLC0415 - see above

        do(show_story(story, output))
        raise typer.Exit
    from stafet_cli.demo.run import DemoOptions  # noqa: PLC0415 - see above
    from stafet_cli.demo.run import demo as run_demo  # noqa: PLC0415 - see above
    from stafet_cli.demo.table import show  # noqa: PLC0415 - see above

    folder = (home or settings_of(None).home / "demo").resolve()
    judgement = do(run_demo(DemoOptions(folder, referrals, seed), output))
    show(judgement, output)
    if report is not None:
        judgement.report.write(report)
    raise typer.Exit(0 if judgement.ok else 1)


@app.command()
def up(home: Home = None) -> None:
    """Start the whole hub on this machine and stay: broker, database and all services."""
    from stafet_cli.up import up as run_up  # noqa: PLC0415 - see above

    do(run_up(settings_of(home), output))


@app.command()
def run(
    service: Annotated[list[str], typer.Argument(help=f"One or more of: {' '.join(SERVICES)}.")],
    home: Home = None,
) -> None:
    """Run services alone against STAFET_KAFKA and STAFET_POSTGRES."""
    settings = settings_of(home)
    unknown = sorted(set(service) - set(SERVICES))
    if unknown:
        fail(f"no service {', '.join(unknown)}: there are {', '.join(SERVICES)}")
    if not settings.kafka or not settings.postgres:
        fail("set STAFET_KAFKA and STAFET_POSTGRES, or start everything on this machine with `stafet up`")
    from stafet_cli.up import run as run_services  # noqa: PLC0415 - see above

    do(run_services(settings, service))


@app.command()
def rebuild(
    service: Annotated[list[str] | None, typer.Argument(help="Which; by default all that can be.")] = None,
    home: Home = None,
) -> None:
    """Make services' state anew from the log, into empty schemas or on a backup, with the hub stopped."""
    settings = settings_of(home)
    if not settings.kafka or not settings.postgres:
        fail("set STAFET_KAFKA and STAFET_POSTGRES: the servers run, the hub does not")
    from stafet_cli.rebuild import rebuild_command  # noqa: PLC0415 - see above

    exit_with(rebuild_command(settings, service or (), output))


@app.command()
def init(
    home: Home = None,
    partner: Annotated[
        list[str] | None, typer.Option(help="agency=https://host:port (or sftp), for each agency.")
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(help="agency=sftp://host:port, where one leaves files beside its messages."),
    ] = None,
    name: Annotated[list[str] | None, typer.Option(help="Host name in the TLS certificates.")] = None,
    renew: Annotated[
        list[str] | None, typer.Option(help="Agency to make new keys for, beside those that still count.")
    ] = None,
) -> None:
    """Make development keys and certificates; topics and schemas too if both servers are named."""
    from stafet_cli.credentials import DEFAULT_HOSTS, Wanted, create  # noqa: PLC0415 - see above
    from stafet_cli.hub import prepare  # noqa: PLC0415 - see above
    from stafet_cli.renewal import renew as renew_keys  # noqa: PLC0415 - see above
    from stafet_cli.up import local_drops, local_endpoints  # noqa: PLC0415 - see above

    settings = settings_of(home)
    endpoints = (
        _endpoints("--partner", partner, "https://host:port, or sftp") if partner else local_endpoints()
    )
    drops = _endpoints("--drop", drop or [], "sftp://host:port") if partner or drop else local_drops()
    wanted = Wanted(endpoints, (*DEFAULT_HOSTS, *(name or ())), drops)
    made = guarded(lambda: create(settings.home, wanted))
    output.print(f"{settings.home}: {'made' if made else 'kept what is there'}", markup=False)
    for agency in renew or ():
        guarded(partial(renew_keys, settings.home, wanted, agency))
        output.print(f"{agency}: new keys, the old ones still count; restart the hub and the simulator")
    if settings.kafka and settings.postgres:
        do(prepare(settings))
        output.print("topics and schemas are there")


@app.command()
def trace(
    reference: Annotated[
        str, typer.Argument(help="A case, referral or receipt; at the hub also an agency's own id.")
    ],
    home: Home = None,
    console: Annotated[str | None, typer.Option(help="The console's address.")] = None,
) -> None:
    """Print the chain of events of a case or referral as a tree."""
    from stafet_cli.receipts import receipt_of  # noqa: PLC0415 - see above
    from stafet_cli.trace import trace_command  # noqa: PLC0415 - see above

    settings = settings_of(home)
    known = do(receipt_of(settings, reference))
    raise typer.Exit(trace_command(known or reference, home=settings.home, console=console))


@app.command()
def deadlines(
    case: Annotated[str | None, typer.Option(help="Only those of this case or contact.")] = None,
    due: Annotated[str, typer.Option(help="Only what is due within e.g. 30m, 12h or 3d, or is over.")] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For a program: a list of objects.")] = False,
    home: Home = None,
) -> None:
    """List the clocks that run, soonest first: who must act, until when, by which law."""
    from stafet_cli.deadlines import deadlines_command, span_of  # noqa: PLC0415 - see above
    from stafet_runtime.clock import SystemClock  # noqa: PLC0415 - see above

    within = span_of(due)
    if due and within is None:
        fail(f"--due {due}: say a number and m, h or d, e.g. 3d")
    now = SystemClock().now()
    exit_with(deadlines_command(settings_of(home), now, output, case=case, within=within, as_json=as_json))


@app.command()
def subject_report(
    case: Annotated[str, typer.Argument(help="The case's pseudonym.")] = "",
    *,
    language: Annotated[str, typer.Option(help="da or en.")] = "da",
    out: Annotated[Path, typer.Option(help="Folder for the two files.")] = Path(),
    second: Annotated[str, typer.Option(help="Who approves, if many were shown to you just now.")] = "",
    check: Annotated[Path | None, typer.Option(help="Check the signed file of a report offline.")] = None,
    home: Home = None,
) -> None:
    """Answer a person what is held of it and who was given what: a page, and a signed file beside it."""
    from stafet_cli import subject  # noqa: PLC0415 - see above

    if check is not None:
        raise typer.Exit(subject.check_command(check, output))
    if not case:
        fail("name a case and its --language, or --check FILE")
    order = subject.Order(language, who(), second or None, out)
    exit_with(subject.report_command(settings_of(home), case, order, output))


@app.command()
def keys(
    action: Annotated[str, typer.Argument(help="status, rotate, or retire VERSION.")] = "status",
    version: Annotated[str, typer.Argument(help="The older version that retire destroys.")] = "",
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Destroy it, and with it what old dumps hold.")] = False,
    home: Home = None,
) -> None:
    """Show where the vault's keys stand, wrap all data keys anew, or destroy what only old dumps need."""
    from stafet_cli.keys import ACTIONS, retire_command  # noqa: PLC0415 - see above

    if action == "retire" and version:
        exit_with(retire_command(settings_of(home), version, output, sure=yes))
    if action not in ACTIONS or version:
        fail(f"keys {action} {version}".rstrip() + f": say one of {', '.join(ACTIONS)}, retire VERSION")
    exit_with(ACTIONS[action](settings_of(home), output))


@app.command()
def doctor(home: Home = None) -> None:
    """Check this machine and the hub's servers, one line each with the remedy."""
    from stafet_cli.doctor import doctor_command  # noqa: PLC0415 - see above

    settings = settings_of(home)
    ports = {
        "gateway": settings.gateway_port,
        "console": settings.console_port,
        "health": settings.health_port,
    }
    doctor_command(ports, settings)


@app.command()
def ready(url: Annotated[str, typer.Option(help="The hub's readiness address.")] = "") -> None:
    """Say whether a running hub can work: exit 0, or 1 with what is missing."""
    settings = settings_of(None)
    where = url or f"http://127.0.0.1:{settings.health_port}/health/ready"
    try:
        status, said = _asked(where)
    except (OSError, HTTPException) as error:
        # Exit 1, as a health check must: container engines keep 2 for themselves.
        fail(f"{where} does not answer ({type(error).__name__}): is the process up?", 1)
    output.print(said, markup=False)
    raise typer.Exit(0 if status == HTTPStatus.OK else 1)


for command in (step, steps, contact, capacity, simulate, erase, hold):
    app.command()(command)


def main() -> None:
    """Run the command that was typed."""
    app()


def _asked(url: str) -> tuple[int, str]:
    """Get a plain HTTP address with what Python has: httpx takes longer to load than to ask."""
    place = urlsplit(url)
    with closing(HTTPConnection(place.netloc, timeout=5)) as connection:
        connection.request("GET", place.path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")


def _endpoints(option: str, said: list[str], form: str) -> dict[str, str]:
    """Read an option that says `agency=URL`, once for each agency."""
    pairs = [each.partition("=") for each in said]
    for agency, _, url in pairs:
        if not url:
            fail(f"{option} {agency}: say agency={form}")
    return {agency: url for agency, _, url in pairs}
