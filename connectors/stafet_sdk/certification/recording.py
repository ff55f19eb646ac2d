"""Golden pairs written down: by `stafet connector golden`, and as a process of its own for a new package.

A message is written with what its author says it means, a release with what the connector makes of it:
whoever records has to read the latter. Nothing that is there is written anew.
"""

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any, Final

from stafet_sdk.certification.golden import show_draft
from stafet_sdk.certification.samples import NOW, Samples
from stafet_sdk.draft import Release

_SUFFIXES: Final = ("json", "xml", "csv")


def record(samples: Samples, folder: Path) -> list[str]:
    """Write the pairs that are not there yet; return the names of the files."""
    folder.mkdir(exist_ok=True)
    written: list[str] = []
    for pair in _pairs(samples):
        if not any((folder / name).exists() for name in pair):
            for name, content in pair.items():
                (folder / name).write_bytes(content)
            written += pair
    return written


def _pairs(samples: Samples) -> Iterator[dict[str, bytes]]:
    suffix = next((each for each in _SUFFIXES if each in samples.connector.manifest.content_type), "txt")
    for name, message, draft in samples.told():
        yield {
            f"{name}.message.{suffix}": _readable(message),
            f"{name}.draft.json": _json(show_draft(draft)),
        }
    for release in samples.releases():
        name = release.rung if release.part == "status" and release.rung else release.part
        said = samples.unwrapped(samples.connector.from_hub(release, samples.partner(), NOW))
        # A status and an answer may have one name, as `rejected`.
        start = f"status_{name}" if release.part == "status" else name
        yield {f"{start}.release.json": _json(_shown(release)), f"{start}.outbound.{suffix}": _readable(said)}


def _shown(release: Release) -> dict[str, Any]:
    said = asdict(release)
    asked = {each.name for each in fields(release) if each.default is MISSING}
    told = {each.name for each in fields(release) if said[each.name] not in (None, (), {}, "")}
    return {name: value for name, value in said.items() if name in asked | told}


def _readable(message: bytes) -> bytes:
    try:
        return _json(json.loads(message))
    except ValueError:
        return message


def _json(said: object) -> bytes:
    return json.dumps(said, ensure_ascii=False, indent=2).encode() + b"\n"


def main(package: str) -> None:
    """Record the pairs of a package that need not be installed."""
    module = importlib.import_module(f"{package}.samples")
    record(module.samples, Path(str(module.__file__)).parent / "golden")


if __name__ == "__main__":
    main(sys.argv[1])
