"""`stafet reveal` as it is typed; what its commands do is in `reveal.py`.

Who asks is who is logged in (`login.py`).
"""

from pathlib import Path
from typing import Annotated

import typer

from stafet_cli.login import who
from stafet_cli.typed import exit_with, output, settings_of

reveal = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Show a human values of a case, or who a pseudonym is; every time is a row of the ledger.",
)

Group = Annotated[list[str] | None, typer.Option(help="A field group; may be given again.")]
Role = Annotated[str, typer.Option(help="The role you act in, of the policy.")]
Purpose = Annotated[str, typer.Option(help="A purpose of the policy.")]
Reason = Annotated[str, typer.Option(help="Why, in your words; kept closed with the case.")]
Second = Annotated[str, typer.Option(help="Who approves of many cases within an hour: somebody else.")]
Id = Annotated[str, typer.Argument(metavar="REVEAL", help="The id that was printed with the values.")]
Home = Annotated[Path | None, typer.Option(help="Folder of keys.")]


@reveal.command("open")
def open_(  # noqa: PLR0913 - the options of a command are its interface
    case: Annotated[str, typer.Argument(help="The case's pseudonym.")],
    group: Group = None,
    *,
    role: Role = "",
    purpose: Purpose = "",
    reason: Reason = "",
    minutes: Annotated[int, typer.Option(help="For how long `again` shows them again.")] = 15,
    second: Second = "",
    break_glass: Annotated[bool, typer.Option("--break-glass", help="In danger; reviewed after.")] = False,
    home: Home = None,
) -> None:
    """Show values of a case for some minutes."""
    from stafet.vault.domain.reveal import REVEAL, Ask  # noqa: PLC0415 - each command loads what it needs
    from stafet_cli.reveal import open_command  # noqa: PLC0415 - see above

    ask = Ask(
        REVEAL, role, purpose, reason, who(), frozenset(group or ()), minutes, second or None, break_glass
    )
    exit_with(open_command(settings_of(home), case, ask, output))


@reveal.command()
def again(reveal_id: Id, home: Home = None) -> None:
    """Show the same once more, as long as its minutes last."""
    from stafet_cli.reveal import again_command  # noqa: PLC0415 - see above

    exit_with(again_command(settings_of(home), reveal_id, who(), output))


@reveal.command()
def person(
    recipient: Annotated[str, typer.Argument(help="The agency that names the person so.")],
    pseudonym: Annotated[str, typer.Argument(metavar="PERSON", help="Its pseudonym of the person.")],
    *,
    role: Role = "",
    purpose: Purpose = "",
    reason: Reason = "",
    second: Second = "",
    home: Home = None,
) -> None:
    """Say which case a recipient's pseudonym of a person is of."""
    from stafet.vault.domain.reveal import PERSON, Ask  # noqa: PLC0415 - see above
    from stafet_cli.reveal import person_command  # noqa: PLC0415 - see above

    ask = Ask(PERSON, role, purpose, reason, who(), second=second or None)
    exit_with(person_command(settings_of(home), recipient, pseudonym, ask, output))


@reveal.command("list")
def list_(
    *,
    due: Annotated[bool, typer.Option("--due", help="Only reviews that are due.")] = False,
    home: Home = None,
) -> None:
    """List what was asked for last, what came of it, and which reviews are due."""
    from stafet_cli.reveal import list_command  # noqa: PLC0415 - see above

    exit_with(list_command(settings_of(home), output, due=due))


@reveal.command()
def review(
    reveal_id: Id,
    *,
    role: Role = "",
    verdict: Annotated[str, typer.Option(help="justified or unjustified; without one, say why.")] = "",
    home: Home = None,
) -> None:
    """Read why somebody asked; judge a broken glass of somebody else."""
    from stafet.vault.domain.reveal import Judgement  # noqa: PLC0415 - see above
    from stafet_cli.reveal import review_command, why_command  # noqa: PLC0415 - see above

    settings = settings_of(home)
    if verdict:
        exit_with(review_command(settings, reveal_id, Judgement(verdict, role, who()), output))
    exit_with(why_command(settings, reveal_id, role, output))
