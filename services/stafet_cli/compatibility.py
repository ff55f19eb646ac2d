"""May this schema replace the stored one? Both ways: new readers with old data, old readers with new data.

The "optional-friendly" rule: an optional property may come or go, and descriptions may change. Everything
else breaks somebody: what is required comes or goes, a type, a constant, a bound, a format, a default, a
field group or a code list changes. Schemas are compared as `generate_jsonschema` writes them (no references).
"""

from collections.abc import Iterator
from typing import Any, Final, cast

Schema = dict[str, Any]

FREE: Final = frozenset({"$schema", "$id", "$comment", "title", "description", "examples", "deprecated"})
"""Keywords that inform people and decide nothing."""
NESTED: Final = frozenset({"properties", "required", "items"})
"""Keywords that are compared by their parts."""
UNORDERED: Final = frozenset({"anyOf", "oneOf", "allOf", "enum", "type"})
ABSENT: Final = object()


def breaks(old: Schema, new: Schema) -> list[str]:
    """List what in `new` would break readers or writers of `old`, a sentence each; empty if nothing does."""
    return list(_compare("", old, new))


def _compare(path: str, old: Schema, new: Schema) -> Iterator[str]:
    yield from _keywords(path, old, new)
    yield from _properties(path, old, new)
    if "items" in old and "items" in new:
        yield from _compare(f"{path}[]", old["items"], new["items"])
    elif "items" in old or "items" in new:
        yield f"{path or 'the document'}: the type of the items changed"


def _keywords(path: str, old: Schema, new: Schema) -> Iterator[str]:
    for keyword in sorted((old.keys() | new.keys()) - FREE - NESTED):
        before, after = (_canonical(keyword, each.get(keyword, ABSENT)) for each in (old, new))
        if before != after:
            yield f"{path or 'the document'}: {keyword} was {_shown(before)}, is {_shown(after)}"


def _properties(path: str, old: Schema, new: Schema) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_after = set(old.get("required", ())), set(new.get("required", ()))
    for name in [*before, *(each for each in after if each not in before)]:
        where = f"{path}.{name}".removeprefix(".")
        if name not in after:
            if name in needed_before:
                yield f"{where}: was required and is gone (or renamed); readers of the stored schema need it"
        elif name not in before:
            if name in needed_after:
                yield f"{where}: is new and required; stored events do not have it"
        else:
            if (name in needed_before) != (name in needed_after):
                yield f"{where}: {'was' if name in needed_before else 'is now'} required"
            yield from _compare(where, before[name], after[name])


def _canonical(keyword: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Make equal what means the same: the order of alternatives decides nothing."""
    if keyword in UNORDERED and isinstance(value, list):
        return sorted(repr(each) for each in cast("list[object]", value))
    return value


def _shown(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return "absent" if value is ABSENT else repr(value)
