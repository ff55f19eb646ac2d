"""The files of rules and vocabularies; the things of the cases are kept in the runtime's casebook."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from stafet.identification.domain.rules import Rules, RulesError, parse_rules
from stafet.identification.domain.vocabulary import Vocabularies, parse_vocabulary

OURS = resources.files("stafet.identification")


def load_rules(path: Path | None = None) -> Rules:
    """Read a file of rules; without a path, the one that comes with the service.

    Raises:
        RulesError: the file cannot be read, or says something else than rules.
    """
    source = path or OURS / "rules.toml"
    return parse_rules(source.name, _text(source))


def load_vocabularies(folder: Path | None = None) -> Vocabularies:
    """Read every vocabulary of a folder; without one, those that come with the service.

    Raises:
        RulesError: there is none, or one of them is no vocabulary.
    """
    source = folder or OURS / "vocabularies"
    try:
        files = sorted((each for each in source.iterdir() if each.name.endswith(".toml")), key=_name)
    except OSError as error:
        raise RulesError(f"{source.name} cannot be read ({type(error).__name__})") from None
    if not files:
        raise RulesError(f"{source.name} has no vocabulary: put one there as NAME.toml")
    return Vocabularies(parse_vocabulary(each.name, _text(each)) for each in files)


def _text(source: Traversable) -> str:
    try:
        return source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"{source.name} cannot be read ({type(error).__name__})") from None


def _name(source: Traversable) -> str:
    return source.name
