"""Files of data: the operator's own, or the ones that come with a service."""

from collections.abc import Callable
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from stafet_runtime.dated import DataError

T = TypeVar("T")


def load(parse: Callable[[str, str], T], path: Path | None, service: str, file: str) -> T:
    """Read a file; without a path, the one of this name that comes with `stafet.<service>`.

    `parse` gets the file's name, for its errors, and the text.

    Raises:
        DataError: the file cannot be read, or says something else than it should.
    """
    source = path or resources.files(f"stafet.{service}") / file
    return parse(source.name, text_of(source))


def text_of(source: Traversable) -> str:
    """Read the text of a file.

    Raises:
        DataError: it cannot be read.
    """
    try:
        return source.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(f"{source.name} cannot be read ({type(error).__name__})") from None
    except UnicodeDecodeError:
        raise DataError(f"{source.name} cannot be read: it is not UTF-8") from None
