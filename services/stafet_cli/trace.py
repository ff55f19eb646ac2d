"""`stafet trace`: the chain of events of a case or referral in the terminal, asked of the running console."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from stafet.console.domain.durations import duration_text
from stafet.console.domain.words import agency_name, plain, state_name
from stafet_cli.printing import safe

CREDENTIALS: Final = "credentials.toml"
TIMEOUT_S: Final = 10.0
FOUND: Final = 0
UNKNOWN: Final = 1
UNREACHABLE: Final = 2
TONES: Final = {"loop_closed": "green", "rejected": "red", "refused": "red"}
DETAILED: Final = {
    "message.rejected": "red",
    "disclosure.made": "dim",
    "identification.decided": "dim",
    "identification.decision_reversed": "dim",
    "final_assessment.decided": "dim",
    "step.reported": "dim",
    "step.refused": "red",
}
"""What is shown with its details, in which style."""
STANDING: Final = ("clocks", "decisions", "things")
"""What the lines above the tree say beside the referrals."""
TROUBLE: Final = (
    "deadline.breached", "delivery.failed", "disclosure.blocked", "message.rejected", "referral.escalated",
    "referral.refused", "step.refused",
)  # fmt: skip


class TraceError(Exception):
    """Nothing can be shown; the text says what to do. `code` is the exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Access:
    """Where the console is and who asks."""

    url: str
    user: str
    password: str = field(repr=False)


def trace_command(
    reference: str,
    *,
    home: Path,
    console: str | None = None,
    user: str | None = None,
    password: str | None = None,
    output: Console | None = None,
) -> int:
    """Print the chain of events that a case, a referral or a receipt belongs to.

    What is not given is read from `credentials.toml` in `home`, which `stafet up` writes.

    Returns:
        The exit code: 0 shown, 1 unknown reference, 2 the console cannot be asked.
    """
    output = output or Console(highlight=False)
    try:
        trace = fetch_trace(reference, access(home, console, user, password))
    except TraceError as error:
        output.print(Text(str(error), style="red"), soft_wrap=True)
        return error.code
    output.print(*summary(trace), sep="\n", soft_wrap=True)
    output.print(chain_tree(trace))
    return FOUND


def access(home: Path, console: str | None, user: str | None, password: str | None) -> Access:
    """Complete what was given from `<home>/credentials.toml`, section `console`.

    Raises:
        TraceError: something is neither given nor in the file.
    """
    stored: dict[str, Any] = {}
    path = home / CREDENTIALS
    if path.exists():
        try:
            stored = tomllib.loads(path.read_text(encoding="utf-8")).get("console", {})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise TraceError(
                f"{path} cannot be read as TOML. Start the hub again with `stafet up`, which rewrites it.",
                UNREACHABLE,
            ) from error
    found = (console or stored.get("url"), user or stored.get("user"), password or stored.get("password"))
    if not all(found):
        raise TraceError(
            f"No address or credentials of a console: {path} does not hold them. Start the hub with "
            "`stafet up`, which writes the file, or give --console, --user and --password.",
            UNREACHABLE,
        )
    return Access(str(found[0]).rstrip("/"), str(found[1]), str(found[2]))


def fetch_trace(reference: str, where: Access) -> Mapping[str, Any]:
    """Fetch a case with its events from the console; its shape is `stafet.console.http.views.case_json`.

    Raises:
        TraceError: not reachable, not let in, or the reference is unknown.
    """
    url = f"{where.url}/cases/{quote(reference, safe='')}/events.json"
    try:
        with httpx.Client(
            auth=(where.user, where.password), follow_redirects=True, timeout=TIMEOUT_S
        ) as client:
            response = client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TraceError(
            f"The console at {where.url} does not answer ({type(error).__name__}). Is the hub up? Start it "
            "with `stafet up`; `stafet doctor` says what is missing.",
            UNREACHABLE,
        ) from error
    return _trace_of(response, reference, where)


def summary(trace: Mapping[str, Any]) -> list[Text]:
    """Return the lines above the tree: case, state, each referral's ladder, and what holds it up."""
    state = trace["state"]
    head = Text.assemble(("Case ", "bold"), (safe(trace["case"]), "bold cyan"), "  ")
    head.append(state_name(state), TONES.get(state, "yellow"))
    head.append(f"  {trace['shown']} of {trace['events_total']} events, times in {_zone(trace)}", "dim")
    lines = [head]
    for each in trace["referrals"]:
        who = f"{agency_name(each['sender'])} \N{RIGHTWARDS ARROW} {agency_name(each['receiver'])}"
        reached = ", ".join(
            f"{plain(rung['state'])} {_clock(rung['at'])}" for rung in each["ladder"] if rung["at"]
        )
        lines.append(
            Text.assemble(safe(f"Referral {each['referral']} "), (safe(who), "bold"), f": {reached}")
        )
    lines += [Text(safe(_standing(each))) for name in STANDING for each in trace[name]]
    lines += [
        Text(safe(f"{'Stopped' if each['level'] == 'stopped' else 'Waiting'}: {each['text']}"), "bold red")
        for each in trace["trouble"]
    ]
    return lines


def _standing(thing: Mapping[str, Any]) -> str:
    """Say where a clock, a decision or another thing stands, and the id that a step about it names."""
    text = f"{thing['title']}: {thing['text']}" if thing["title"] else thing["text"]
    about = f"  {thing['about']}" if thing["title"] and thing["about"] else ""
    owner = f", {agency_name(thing['agency'])} must act" if thing["due"] else ""
    return f"{text}{owner}{about}"


def chain_tree(trace: Mapping[str, Any]) -> Tree:
    """Build the tree: a branch per root, and within it a further one where a cause has several effects."""
    tree = Tree(Text("Chain of events", "dim"), guide_style="dim")
    nodes: dict[str, Tree] = {}
    places: dict[str, Tree] = {}
    depths: dict[str, int] = {}
    events: Sequence[Mapping[str, Any]] = trace["events"]
    for event in events:
        parent = event["parent"]
        if parent is None:
            place = tree
        elif event["depth"] > depths[parent] or places[parent] is tree:
            place = nodes[parent]
        else:
            place = places[parent]
        name = event["id"]
        nodes[name], places[name], depths[name] = place.add(_label(event)), place, event["depth"]
    return tree


def _trace_of(response: httpx.Response, reference: str, where: Access) -> Mapping[str, Any]:
    if response.status_code == 404:
        raise TraceError(
            f"Nothing is known under {safe(reference)}. Check it for a missing character; a case, a referral "
            f"or a receipt will do. The newest cases are listed at {where.url}/",
            UNKNOWN,
        )
    if response.status_code == 401:
        raise TraceError(
            f"The console at {where.url} refuses this name and password. `stafet up` prints the present ones "
            "and writes them to credentials.toml.",
            UNREACHABLE,
        )
    try:
        response.raise_for_status()
        trace: dict[str, Any] = response.json()
    except (httpx.HTTPStatusError, ValueError) as error:
        raise TraceError(
            f"The console at {where.url} answered {response.status_code} and no trace. Try again in a few "
            "seconds; `stafet doctor` says what is missing.",
            UNREACHABLE,
        ) from error
    return trace


def _label(event: Mapping[str, Any]) -> Text:
    label = Text(_clock(event["time"]), "dim")
    if event["gap_ms"] is not None:
        sign = "+" if event["gap_ms"] >= 0 else ""
        label.append(f" {sign}{duration_text(timedelta(milliseconds=event['gap_ms']))}", "cyan")
    label.append(f"  {safe(event['text'])}", "bold red" if event["type"] in TROUBLE else "")
    if event["agency_name"] and event["agency_name"] not in event["text"]:
        label.append(f"  {safe(event['agency_name'])}", "magenta")
    if event["type"] in DETAILED:
        label.append(f"  {safe(', '.join(event['details']))}", DETAILED[event["type"]])
    return label


def _clock(time: str) -> str:
    local = datetime.fromisoformat(time).astimezone()
    return f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"


def _zone(trace: Mapping[str, Any]) -> str:
    local = datetime.fromisoformat(trace["opened"]).astimezone()
    return f"{local:%Z}, {local:%Y-%m-%d}"
