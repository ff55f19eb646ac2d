"""Golden files: releases and drafts as JSON, so that a person can read what a pair promises."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, fields
from datetime import date
from typing import Any

from stafet_schemas.groups import Group
from stafet_sdk.draft import Draft, Release


def read_release(text: bytes) -> Release:
    """Read a release; what is left out has its default."""
    read: dict[str, Any] = json.loads(text)
    read["problems"] = tuple((field, problem) for field, problem in read.get("problems", ()))
    for name in ("groups", "referrals"):
        read[name] = tuple(read.get(name, ()))
    read["values"] = {Group(group): values for group, values in read.get("values", {}).items()}
    return Release(**read)


def show_draft(draft: Draft) -> dict[str, Any]:
    """Word a draft as what its golden file holds: its type and every field that says something."""
    said = asdict(draft)
    told = {each.name: said[each.name] for each in fields(draft) if said[each.name] != _default(each)}
    shown: dict[str, Any] = json.loads(json.dumps(told, default=_plain))
    if "consents" in told:
        shown["consents"] = [show_draft(each) for each in getattr(draft, "consents", ())]
    return {"draft": type(draft).__name__, **shown}


def _default(each: "Field[Any]") -> object:
    return None if each.default is MISSING else each.default


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
