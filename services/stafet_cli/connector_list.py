"""`stafet connector list`: what is installed."""

from rich.console import Console
from rich.table import Table

from stafet_cli.printing import safe
from stafet_sdk.discovery import connectors


def list_command(output: Console) -> int:
    """Print a table; exit code 0."""
    table = Table("agency", "transport", "tier", "version", "name", box=None, pad_edge=False)
    for agency, connector in sorted(connectors().items()):
        told = connector.manifest
        row = (agency, told.transport, told.quality or "none", told.version, told.name)
        table.add_row(*map(safe, row))
    output.print(table)
    output.print(
        "The tier is what the manifest claims: `stafet connector certify AGENCY` computes what was earned."
    )
    return 0
