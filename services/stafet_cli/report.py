"""`stafet step`, `contact`, `operation`, `capacity`: what an operator reports, posted to the console."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx
from rich.console import Console

from stafet_cli.printing import print_line
from stafet_cli.trace import TIMEOUT_S, Access, TraceError, access
from stafet_schemas.steps import StepKind, steps

DONE: Final = 0
NOT_DONE: Final = 1
WRONG: Final = 2
KEY: Final = "idempotency-key"
LISTS: Final = frozenset({"codes", "exploitation", "agencies", "accepts"})
NUMBERS: Final = frozenset({"persons", "expected"})
OPTIONS: Final = {
    "subject": "--about", "agency": "--agency", "behalf": "--behalf", "at": "--at", "step": "STEP",
}  # fmt: skip
"""How a field is typed; the others go by --set."""
FLAGS: Final[Mapping[str, bool]] = {"yes": True, "no": False}


class WordError(ValueError):
    """Something typed cannot be read; the text says how to type it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What goes to which path of the console, under which key; `then` says how to see what came of it."""

    path: str
    said: Mapping[str, Any]
    key: str
    then: str


def settings_said(pairs: Sequence[str]) -> dict[str, Any]:
    """Read `field=value` pairs; a list is written with commas.

    Raises:
        WordError: one is no pair, no number, or neither yes nor no.
    """
    said: dict[str, Any] = {}
    for pair in pairs:
        field, equals, value = pair.partition("=")
        if not equals or not field or not value:
            raise WordError(f"--set {pair}: say field=value, a list with commas: codes=health,legal_aid")
        said[field] = _value(field, value)
    return said


def given(at: datetime | None, words: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what was typed; a time without a zone is this machine's."""
    said = {field: value for field, value in words.items() if value is not None and value != ""}
    return said if at is None else said | {"at": at.astimezone().isoformat()}


def report_command(report: Report, *, home: Path, console: str | None, output: Console) -> int:
    """Post a report and print its receipt, or what to do instead.

    Returns:
        The exit code: 0 taken; 1 no such case, or erased; 2 a word is wrong, or the console cannot be asked.
    """
    try:
        where = access(home, console, None, None)
    except TraceError as error:
        print_line(output, str(error))
        return WRONG
    try:
        answer = _post(report, where)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        print_line(output, _unanswered(where, report, type(error).__name__))
        return WRONG
    return _told(answer, report, where, output)


def kinds_listed() -> Iterator[str]:
    """Word every kind of step: its fields, those it may have in brackets."""
    for name, kind in steps().items():
        yield f"{name}  {kind.description}"
        if fields := _fields(kind):
            yield f"    {fields}"


def _fields(kind: StepKind) -> str:
    about = [] if kind.begins or kind.subject == "case" else [f"--about {kind.subject.upper()}"]
    asked = [f"--set {field}=..." for field in sorted(kind.needs)]
    return " ".join([*about, *asked, *(f"[--set {field}=...]" for field in sorted(kind.may))])


def _value(field: str, value: str) -> Any:  # noqa: ANN401 - what JSON holds
    if field in LISTS:
        return [each for each in value.split(",") if each]
    if field == "consents":
        if value not in FLAGS:
            raise WordError("--set consents: say yes or no; leave it out where nobody asked")
        return FLAGS[value]
    if field not in NUMBERS:
        return value
    if not value.isdecimal():
        raise WordError(f"--set {field}: say a number")
    return int(value)


def _post(report: Report, where: Access) -> httpx.Response:
    with httpx.Client(auth=(where.user, where.password), timeout=TIMEOUT_S) as client:
        return client.post(f"{where.url}{report.path}", json=dict(report.said), headers={KEY: report.key})


def _told(answer: httpx.Response, report: Report, where: Access, output: Console) -> int:
    try:
        body: dict[str, Any] = answer.json()
    except ValueError:
        body = {}
    match answer.status_code:
        case 202:
            again = ", as it was before: nothing new was told" if body.get("again") else ""
            print_line(output, f"taken under the receipt {body.get('receipt')}{again}")
            print_line(output, report.then.format(receipt=body.get("receipt")))
            return DONE
        case 401:
            print_line(
                output, f"The console at {where.url} refuses this name and password: see credentials.toml."
            )
            return WRONG
        case 404 | 410:
            print_line(output, f"{body.get('title', 'unknown')}: {body.get('detail', '')}")
            return NOT_DONE
        case 422:
            for each in body.get("errors", ()):
                print_line(output, _typed(each["pointer"].removeprefix("#/"), each["detail"]))
            print_line(output, "nothing was reported; `stafet steps` lists what each step needs")
            return WRONG
        case status:
            said = f"{body.get('title', 'it was not taken')}: {body.get('detail', '')}"
            print_line(output, f"{said} (status {status}); `stafet doctor` says what is missing")
            return WRONG


def _typed(field: str, problem: str) -> str:
    option = OPTIONS.get(field) or f"--set {field}"
    return f"{option}: {problem}" if field else f"a field that is not ours: {problem}"


def _unanswered(where: Access, report: Report, error: str) -> str:
    return (
        f"The console at {where.url} does not answer ({error}). Is the hub up? Start it with `stafet up`. "
        f"If it may have been taken, say the same again with --key {report.key}: it counts once."
    )
