"""`stafet connector check`: what is wrong with a connector's files, and what `--fix` repaired."""

from rich.console import Console

from stafet_cli.connector_fix import fix as repair
from stafet_cli.connector_folder import NoFolderError, folders
from stafet_cli.connector_rules import RULES
from stafet_cli.printing import print_line


def check_command(what: str | None, *, fix: bool, output: Console) -> int:
    """Check and print; 0 if all is well, 1 if not, 2 if there is no such connector."""
    try:
        found = folders(what)
    except NoFolderError as error:
        print_line(output, str(error))
        return 2
    wrong = 0
    for folder in found:
        for done in repair(folder) if fix else ():
            print_line(output, f"{folder.agency}: fixed: {done}")
        said = [f"{rule}: {each}" for rule, judge in RULES.items() for each in judge(folder)]
        for each in said:
            print_line(output, f"{folder.agency}: {each}")
        if not said:
            print_line(output, f"{folder.agency}: {len(RULES)} rules hold")
        wrong += len(said)
    if wrong and not fix:
        print_line(output, "`--fix` adds missing lines and pages; the rest is by hand")
    return 1 if wrong else 0
