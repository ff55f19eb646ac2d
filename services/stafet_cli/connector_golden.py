"""`stafet connector golden`: write down the golden pairs that an agency's folder lacks."""

from pathlib import Path

from rich.console import Console

from stafet_cli.printing import print_line
from stafet_sdk.certification.recording import record
from stafet_sdk.certification.subject import NoSamplesError, find


def golden_command(agency: str, output: Console) -> int:
    """Write and name the files; 0, or 2 if there are no samples or no folder to write to."""
    try:
        samples = find(agency).samples
    except NoSamplesError as error:
        print_line(output, str(error))
        return 2
    folder = samples.golden()
    if not isinstance(folder, Path):
        print_line(output, f"{agency} is installed in an archive: nothing can be written there")
        return 2
    written = record(samples, folder)
    for name in written:
        print_line(output, f"wrote {folder / name}")
    if written:
        print_line(output, "read them: an outbound message is what the agency will get")
    else:
        print_line(output, f"{folder}: nothing is missing; remove a pair to have it written anew")
    return 0
