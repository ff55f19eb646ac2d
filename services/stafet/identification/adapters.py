"""The files of rules and vocabularies; the things of the cases are kept in the runtime's casebook."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from stafet.identification.domain.rules import Rules, parse_rules
from stafet.identification.domain.vocabulary import Vocabularies, parse_vocabulary
from stafet_runtime.datafiles import load, text_of
from stafet_runtime.dated import DataError

RULES: Final = "rules.toml"
OURS: Final = resources.files("stafet.identification")


def load_rules(path: Path | None = None) -> Rules:
    """Read a file of rules; see `stafet_runtime.datafiles.load`."""
    return load(parse_rules, path, "identification", RULES)


def load_vocabularies(folder: Path | None = None) -> Vocabularies:
    """Read every vocabulary of a folder; without one, those that come with the service.

    Raises:
        DataError: there is none, or one of them is no vocabulary.
    """
    source = folder or OURS / "vocabularies"
    try:
        files = sorted((each for each in source.iterdir() if each.name.endswith(".toml")), key=_name)
    except OSError as error:
        raise DataError(f"{source.name} cannot be read ({type(error).__name__})") from None
    if not files:
        raise DataError(f"{source.name} has no vocabulary: put one there as NAME.toml")
    return Vocabularies(parse_vocabulary(each.name, text_of(each)) for each in files)


def _name(source: Traversable) -> str:
    return source.name
