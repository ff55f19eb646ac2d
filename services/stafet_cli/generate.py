"""Write what is derived from the contract, or say what is stale: `python -m stafet_cli.generate [--check]`.

JSON Schema per event, AsyncAPI, reference pages; the pages of disclosure policy, clocks and certification.
The committed JSON Schema files are the baseline of the compatibility rule: a schema that would break readers
is never written; a new version of a type is written only when it is accepted by name. Needs the developer's
packages (PyYAML); the running hub does not.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import Any, Final

import stafet_schemas
from stafet.deadlines.adapters.clocksfile import load_plan
from stafet.vault.adapters.datafiles import load_policy
from stafet_cli import (
    generate_asyncapi,
    generate_certification,
    generate_clocks,
    generate_crosswalks,
    generate_jsonschema,
    generate_machines,
    generate_matrix,
    generate_reference,
)
from stafet_cli.compatibility import breaks
from stafet_cli.generate_jsonschema import event_schema, events, short_type
from stafet_schemas.event import Event

Schema = dict[str, Any]

ROOT: Final = Path(stafet_schemas.__file__).parents[2]
SCHEMAS: Final = "schemas/jsonschema"
COMMAND: Final = "python -m stafet_cli.generate"
VERSION: Final = re.compile(r"\.v(\d+)$")


def outputs() -> dict[str, str]:
    """Make every generated file: its text by its path from the root, `/` between folders."""
    schemas = {
        f"{SCHEMAS}/{short_type(event)}.json": generate_jsonschema.render(event_schema(event))
        for event in events()
    }
    return {
        **schemas,
        "schemas/asyncapi.yaml": generate_asyncapi.render(),
        "docs/reference/events.md": generate_reference.events_page(),
        "docs/reference/topics.md": generate_reference.topics_page(),
        "docs/reference/codes.md": generate_reference.codes_page(),
        "docs/reference/crosswalks.md": generate_crosswalks.crosswalks_page(),
        "docs/reference/disclosure-matrix.md": generate_matrix.matrix_page(load_policy()),
        "docs/reference/clocks.md": generate_clocks.clocks_page(load_plan().clocks),
        "docs/reference/state-machines.md": generate_machines.machines_page(),
        "docs/reference/certification.md": generate_certification.certification_page(),
    }


def stale(root: Path, wanted: Mapping[str, str]) -> list[str]:
    """Say for each file under `root` that is not as `wanted` how it differs; empty when all are fresh."""
    said: list[str] = []
    for path, text in wanted.items():
        file = root / path
        if not file.exists():
            said.append(f"{path}: missing")
        elif (found := file.read_text(encoding="utf-8")) != text:
            said.append(f"{path}: stale ({_counted(found, text)})")
    return said + [
        f"{SCHEMAS}/{name}.json: no event class has this type"
        for name in stored(root)
        if f"{SCHEMAS}/{name}.json" not in wanted
    ]


def refusals(
    old: Mapping[str, Schema], classes: Iterable[type[Event]], accepted: frozenset[str]
) -> list[str]:
    """Say why a schema may not be written over the `old` ones (by short type), and what to do instead."""
    said: list[str] = []
    fresh = {short_type(event): event_schema(event) for event in classes}
    for name, schema in fresh.items():
        if name in old:
            said += [_incompatible(name, problem) for problem in breaks(old[name], schema)]
        elif _version(name) > 1 and name not in accepted:
            said.append(f"{name}: a new version of a stored type; accept it: {COMMAND} --accept {name}")
    said += [
        _not_new(name, known=name in fresh) for name in sorted(accepted) if name in old or name not in fresh
    ]
    return said + [_gone(name) for name in old if name not in fresh]


def stored(root: Path) -> dict[str, Schema]:
    """Read the committed schemas, by short type: the baseline."""
    files = sorted((root / SCHEMAS).glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def write(root: Path, wanted: Mapping[str, str]) -> None:
    """Write all files under `root`."""
    for path, text in wanted.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; the exit code is 1 when something is stale (`--check`) or refused."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Write what is derived from the contract.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when a committed file is stale"
    )
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="TYPE",
        help="a new version, e.g. referral.submitted.v2",
    )
    options = parser.parse_args(arguments)
    wanted = outputs()
    said = refusals(stored(root), events(), frozenset(options.accept))
    if said:
        return _fail("Refused, nothing was written:", said)
    changes = stale(root, wanted)
    if options.check and changes:
        return _fail("Run `make docs` and commit the result:", changes)
    if not options.check:
        write(root, wanted)
    print(f"{len(wanted)} generated files, {0 if options.check else len(changes)} written anew")
    return 0


def _fail(headline: str, lines: Iterable[str]) -> int:
    print(headline, *(f"  {line}" for line in lines), sep="\n", file=sys.stderr)
    return 1


def _counted(old: str, new: str) -> str:
    lines = [
        line
        for line in unified_diff(old.splitlines(), new.splitlines(), n=0)
        if not line.startswith(("+++", "---"))
    ]
    return ", ".join(
        f"{sum(line.startswith(sign) for line in lines)} lines {word}"
        for sign, word in (("+", "more"), ("-", "less"))
    )


def _version(name: str) -> int:
    found = VERSION.search(name)
    return int(found[1]) if found else 1


def _next(name: str) -> str:
    return f"{name.rpartition('.')[0]}.v{_version(name) + 1}"


def _incompatible(name: str, problem: str) -> str:
    new = _next(name)
    remedy = f"keep it, write a class of type {new} beside it, and accept that: {COMMAND} --accept {new}"
    return f"{name}: {problem}; {remedy}"


def _not_new(name: str, *, known: bool) -> str:
    if not known:
        return f"--accept {name}: there is no event class of this type; write it first"
    return f"--accept {name}: this version is stored already and cannot be accepted again; take {_next(name)}"


def _gone(name: str) -> str:
    return (
        f"{name}: its class is gone, but its events may still be in the topics. Keep the class until the "
        f"topic's retention has passed, then delete {SCHEMAS}/{name}.json in the same change"
    )


if __name__ == "__main__":
    sys.exit(main())
