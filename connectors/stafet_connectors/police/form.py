"""Reading the referral form: every problem by the name of its field, never by its value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stafet_connectors.police.fields import (
    BASES,
    FORM,
    IDENTITY_FORMS,
    NAMESPACE,
    REFERENCE,
    ROOT_FIELDS,
    SECTIONS,
    Field,
    UnusableError,
)
from stafet_schemas.groups import Group
from stafet_sdk.draft import Value
from stafet_sdk.errors import MappingError
from stafet_sdk.xml import Element, local_name

Problem = tuple[str, str]
Found = dict[Group, dict[str, Value]]

REFERENCE_SHAPE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,63}")
"""Of the police's reference of a case."""


@dataclass(frozen=True, slots=True, repr=False)
class Form:
    """The sender's reference of the case, every value by group, and every value of a section of `BASES`."""

    reference: str
    values: Found
    bases: Mapping[str, Mapping[str, Value]]


def read_form(form: Element) -> Form:
    """Read a form.

    Raises:
        MappingError: with every field that is missing, given twice or not readable.
    """
    name = local_name(form)
    if name in IDENTITY_FORMS:
        # Police registers have joined people who were two: what they say of it is refused, and a human told.
        raise MappingError((name, "nothing was changed: an operator decides whether two persons are one"))
    if form.tag != f"{{{NAMESPACE}}}{FORM}":
        raise MappingError(("FormularXML", "not a referral form"))
    problems: list[Problem] = []
    found: Found = {}
    sections = {REFERENCE, *SECTIONS, *BASES}
    allowed = {*sections, *(field.name for field in ROOT_FIELDS)}
    children = _children(form, allowed, sections, problems)
    reference = _reference(children, problems)
    _read_fields(children, ROOT_FIELDS, found, problems)
    for name, fields in SECTIONS.items():
        section = children.get(name)
        if section is None:
            problems.append((name, "missing"))
            continue
        inner = _children(section[0], {field.name for field in fields}, set(), problems)
        _read_fields(inner, fields, found, problems)
    bases = {
        name: _read_basis(children[name][0], fields, problems)
        for name, fields in BASES.items()
        if name in children
    }
    if problems:
        raise MappingError(*problems)
    return Form(reference, found, bases)


def _read_basis(section: Element, fields: tuple[Field, ...], problems: list[Problem]) -> dict[str, Value]:
    found: Found = {}
    inner = _children(section, {field.name for field in fields}, set(), problems)
    _read_fields(inner, fields, found, problems)
    return {name: value for values in found.values() for name, value in values.items()}


def _children(
    parent: Element, allowed: set[str], single: set[str], problems: list[Problem]
) -> dict[str, list[Element]]:
    children: dict[str, list[Element]] = {}
    if parent.attrib:
        problems.append((local_name(parent), "attributes are not allowed"))
    for child in parent:
        name = local_name(child)
        if name not in allowed or child.tag != f"{{{NAMESPACE}}}{name}":
            # The police may add fields before the hub knows them.
            continue
        if name in single and name in children:
            problems.append((name, "given twice"))
        else:
            children.setdefault(name, []).append(child)
    return children


def _reference(children: dict[str, list[Element]], problems: list[Problem]) -> str:
    if REFERENCE not in children:
        problems.append((REFERENCE, "missing"))
        return ""
    try:
        text = _plain_text(children[REFERENCE][0])
    except UnusableError as error:
        problems.append((REFERENCE, str(error)))
        return ""
    if not REFERENCE_SHAPE.fullmatch(text):
        problems.append((REFERENCE, "not a case reference"))
    return text


def _read_fields(
    children: dict[str, list[Element]], fields: tuple[Field, ...], found: Found, problems: list[Problem]
) -> None:
    for field in fields:
        given = children.get(field.name, [])
        values = found.setdefault(field.group, {})
        if not given and field.required:
            problems.append((field.name, "missing"))
        elif not given:
            values[field.canonical] = field.absent
        elif len(given) > 1 and not field.many:
            problems.append((field.name, "given twice"))
        else:
            try:
                values[field.canonical] = _value(field, given)
            except UnusableError as error:
                problems.append((field.name, str(error)))


def _value(field: Field, given: list[Element]) -> Value:
    values = [field.read(_plain_text(each)) for each in given]
    return [str(value) for value in values] if field.many else values[0]


def _plain_text(element: Element) -> str:
    if len(element) or element.attrib:
        raise UnusableError("not plain text")
    text = (element.text or "").strip()
    if not text:
        raise UnusableError("empty")
    return text
