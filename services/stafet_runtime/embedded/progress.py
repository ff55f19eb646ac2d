"""Progress of a download: a bar on a terminal, plain lines in a log."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

LINES = 5


@contextmanager
def show_progress(title: str, total: int, console: Console | None = None) -> Generator[Callable[[int], None]]:
    """Show `total` files arriving; call the yielded function once per file with its size in bytes."""
    console = console or Console(stderr=True)
    if total and console.is_terminal and not console.is_dumb_terminal:
        with _bar(title, total, console) as advance:
            yield advance
    else:
        yield _lines(title, total, console)


@contextmanager
def _bar(title: str, total: int, console: Console) -> Generator[Callable[[int], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[size]}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=total, size="")
        received = 0

        def advance(size: int) -> None:
            nonlocal received
            received += size
            progress.update(task, advance=1, size=_megabytes(received))

        yield advance


def _lines(title: str, total: int, console: Console) -> Callable[[int], None]:
    step = max(1, total // LINES)
    count = received = 0

    def advance(size: int) -> None:
        nonlocal count, received
        count += 1
        received += size
        if count % step == 0 or count == total:
            console.print(
                f"{title}: {count} of {total} ({_megabytes(received)})", highlight=False, soft_wrap=True
            )

    return advance


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
