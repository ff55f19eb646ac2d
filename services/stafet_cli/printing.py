"""What a command prints: nothing that comes from elsewhere may steer the terminal."""

from rich.console import Console


def safe(text: str) -> str:
    """Replace what is not printable: an id, a code or a file may come from anybody."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def print_line(output: Console, text: str) -> None:
    """Print one line as it is, made safe."""
    output.print(safe(text), markup=False, highlight=False, soft_wrap=True)
