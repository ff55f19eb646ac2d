"""`stafet reveal`: show a human values of a case, or who a pseudonym is, and review it afterwards."""

from collections.abc import Mapping
from typing import Final

from rich.console import Console

from stafet.vault.app.reveals import Revealer
from stafet.vault.domain.release import Block
from stafet.vault.domain.reveal import BULK_WITHIN, MOST_CASES, Ask, Judgement, Problem
from stafet.vault.handlers.granting import Granted, Shown
from stafet.vault.handlers.revealing import Refused, Told
from stafet.vault.ports.reveals import Grant
from stafet_cli.printing import safe
from stafet_cli.seat import vault_seat
from stafet_runtime.settings import HubSettings

DONE: Final = 0
NOT_DONE: Final = 1
WRONG: Final = 2

BLOCKED: Final[Mapping[str, str]] = {
    "unknown_case": "no such case or person: `stafet trace` finds a case by referral or message",
    "erased": "the case was erased: nothing of it opens any more",
    "no_mandate": "not for you in this role and for this purpose: `stafet policy show` and the disclosure "
    "matrix say what is; in danger to somebody's life, --purpose safety --break-glass",
    "second_person": f"more than {MOST_CASES} cases or guesses within {BULK_WITHIN.seconds // 60} minutes: "
    "name with --second who approves",
    "time_over": "the time is over: ask anew with `stafet reveal open`",
}


async def open_command(settings: HubSettings, case: str, ask: Ask, output: Console) -> int:
    """Show values of a case, once that is in the ledger.

    Returns:
        The exit code: 0 shown; 1 refused; 2 a word is missing or wrong.
    """
    async with vault_seat(settings) as session:
        outcome = await Revealer(session).reveal(case, ask)
    code = _print(outcome, output)
    if isinstance(outcome, Granted) and ask.break_glass:
        say(output, DONE, f"somebody else reviews this: {_review_text(outcome.grant.reveal)}")
    return code


async def again_command(settings: HubSettings, reveal: str, by: str, output: Console) -> int:
    """Show the same once more; exit code 1 if the time is over, or it was shown to somebody else."""
    async with vault_seat(settings) as session:
        outcome = await Revealer(session).again(reveal, by)
    if outcome is None:
        return say(output, NOT_DONE, "nothing was shown under this id: `stafet reveal list`")
    return _print(outcome, output)


async def person_command(
    settings: HubSettings, recipient: str, person: str, ask: Ask, output: Console
) -> int:
    """Print the case of a recipient's pseudonym of a person; exit codes as of `open_command`."""
    async with vault_seat(settings) as session:
        outcome = await Revealer(session).find_person(recipient, person, ask)
    if isinstance(outcome, Granted):
        return say(output, DONE, f"case {outcome.key.case}")
    return _print(outcome, output)


async def list_command(settings: HubSettings, output: Console, *, due: bool) -> int:
    """Print what was asked for last, or the reviews that are due; exit code 1 if any is."""
    async with vault_seat(settings) as session:
        desk = Revealer(session)
        found = await (desk.due() if due else desk.newest())
    for each in found:
        _print_listed(each, output)
    if not found:
        return say(output, DONE, "no review is due" if due else "nothing was ever shown")
    return NOT_DONE if due else DONE


async def why_command(settings: HubSettings, reveal: str, role: str, output: Console) -> int:
    """Print to a reviewer what was asked for, and why; exit codes as of `review_command`."""
    async with vault_seat(settings) as session:
        told = await Revealer(session).read_why(reveal, role)
    match told:
        case Told(grant, why):
            _print_listed(grant, output)
            return say(output, DONE, f"why: {why or 'no reason was asked for'}")
        case Block(reason):
            return say(output, NOT_DONE, blocked_text(reason))
        case _:
            return _in_the_way(told, output)


async def review_command(settings: HubSettings, reveal: str, said: Judgement, output: Console) -> int:
    """Judge a broken glass; exit code 1 if there is none to judge, 2 if a word is wrong."""
    async with vault_seat(settings) as session:
        wrong = await Revealer(session).review(reveal, said)
    return _in_the_way(wrong, output) if wrong else say(output, DONE, f"reviewed: {said.verdict}")


def blocked_text(reason: str) -> str:
    """Say why nothing is shown, and what to do."""
    return BLOCKED.get(reason, f"not shown: {reason.replace('_', ' ')}")


def problem_text(problem: Problem) -> str:
    """Name what is wrong by the option it was typed with."""
    field, text = problem
    if field == "by":
        return text
    name = "REVEAL" if field == "reveal" else f"--{field}"
    return f"{name}: {text}"


def say(output: Console, code: int, text: str) -> int:
    """Print a line as it is, except what could steer the terminal; return the exit code."""
    output.print(safe(text), markup=False, highlight=False, soft_wrap=True)
    return code


def _in_the_way(problem: Problem, output: Console) -> int:
    return say(output, NOT_DONE if problem[0] == "reveal" else WRONG, problem_text(problem))


def _review_text(reveal: str) -> str:
    return f"`stafet reveal review {reveal} --role ROLE` says why, --verdict judges"


def _print(outcome: Granted | Block | Refused, output: Console) -> int:
    match outcome:
        case Granted():
            for each in outcome.records:
                _print_record(each, output)
            if not outcome.records:
                say(output, DONE, "the case has no such values")
            until = f"{outcome.grant.until:%H:%M} UTC" if outcome.grant.until else "now"
            return say(output, DONE, f"until {until}: `stafet reveal again {outcome.grant.reveal}`")
        case Block(reason):
            return say(output, NOT_DONE, blocked_text(reason))
        case _:
            for problem in outcome:
                say(output, WRONG, problem_text(problem))
            return WRONG


def _print_record(record: Shown, output: Console) -> None:
    say(output, DONE, f"from {record.agency}, {record.at:%Y-%m-%d %H:%M} UTC")
    for group, fields in record.values.items():
        for name, value in fields.items():
            said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            say(output, DONE, f"  {group}.{name:<16} {said}")


def _print_listed(grant: Grant, output: Console) -> None:
    words = [f"{grant.reveal}  {grant.at:%Y-%m-%d %H:%M}", f"{grant.by} as {grant.role}", grant.part]
    words += [f"case {grant.case}" if grant.case else "no case", f"for {grant.purpose}"]
    words += [", ".join(grant.groups)] if grant.groups else []
    words += [f"approved by {grant.second}"] if grant.second else []
    words += ["glass broken"] if grant.break_glass else []
    say(output, DONE, ", ".join([*words, _state(grant)]))


def _state(grant: Grant) -> str:
    if grant.blocked:
        return f"refused: {grant.blocked}"
    if grant.review:
        return f"{grant.review.verdict}, says {grant.review.by}"
    return "REVIEW DUE" if grant.break_glass else "shown"
