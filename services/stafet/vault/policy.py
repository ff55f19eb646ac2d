"""The disclosure policy as data: who may see which field group and which of its fields. Unwritten is denied.

The matrix is `policy.toml`: marks A (always, once accepted), c (only with consent that names receiver, group
and purpose), l (only on a legal ground that a named human has recorded) and - (never). An organisation sees
what the row of its mandate says, and only while that mandate is in force.
"""

import tomllib
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from itertools import combinations
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from stafet_runtime.dated import DataError, Dated, Strict, wrong
from stafet_schemas.codes import SERVICES
from stafet_schemas.groups import Group

Mark = Literal["A", "c", "l", "-"]
ALWAYS: Final = "A"
CONSENT: Final = "c"
GROUND: Final = "l"
NEVER: Final = "-"

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Names = Annotated[frozenset[Code], Field(min_length=1)]
NOBODY: Final = frozenset[Group]()


class PolicyError(DataError):
    """A policy file that is none, or not the one it says it is; the text says what is wrong with it."""


class _Dated(Dated):
    """What a law or agreement says."""

    def meets(self, other: "_Dated") -> bool:
        """Say whether there is a day on which both are in force."""
        return self.holds(other.valid_from) or other.holds(self.valid_from)


class Cell(_Dated):
    """One mark of the matrix with its citation; `fields` narrows the fields of the group."""

    mark: Mark
    fields: Names | None = None

    @model_validator(mode="after")
    def _never_names_no_fields(self) -> Self:
        if self.mark == NEVER and self.fields is not None:
            raise ValueError("'-' releases no field, so it names none")
        return self


class Alert(_Dated):
    """The field that an alert gives away to whoever gets it: it goes to whom the matrix shows that field."""

    group: Group
    field: Code


class Receiver(Strict):
    """One row of the matrix: a kind of receiver, and what may be sent to it for which purposes.

    A group has one cell at a time, or two that are c and l: either opens it. `rule` is what the row says
    beyond its cells, for those who read it.
    """

    row: Text
    rule: Text
    purposes: frozenset[Code]
    cells: dict[Group, tuple[Cell, ...]]

    @model_validator(mode="after")
    def _every_group_is_decided(self) -> Self:
        missing = sorted(group for group in Group if not self.cells.get(group))
        if missing:
            raise ValueError(
                f"no cell for {', '.join(missing)}: write each group, '-' where nothing is released"
            )
        return self

    @model_validator(mode="after")
    def _no_cell_contradicts_another(self) -> Self:
        for group, cells in self.cells.items():
            for one, other in combinations(cells, 2):
                if one.meets(other) and {one.mark, other.mark} != {CONSENT, GROUND}:
                    raise ValueError(
                        f"{group}: {one.mark} and {other.mark} on one day, where only c and l stand together"
                    )
        return self


class Mandate(_Dated):
    """What an organisation may do: which row it stands in, identify victims formally, give which services."""

    receiver: Code
    identify: bool
    services: frozenset[Code]

    @model_validator(mode="after")
    def _services_are_codes(self) -> Self:
        strange = sorted(each for each in self.services if not SERVICES.known(each))
        if strange:
            raise ValueError(f"services: {', '.join(strange)} is not on the code list {SERVICES.name}")
        return self


class Organisation(Strict):
    """An agency by its name for people, and its mandates in succession."""

    name: Text
    mandates: tuple[Mandate, ...]

    @model_validator(mode="after")
    def _one_mandate_at_a_time(self) -> Self:
        if any(one.meets(other) for one, other in combinations(self.mandates, 2)):
            raise ValueError("two mandates on the same day: end one the day the other begins")
        return self


class Role(_Dated):
    """What a human at the hub may be shown in a role, and for which purposes (CMM and its own staff)."""

    purposes: frozenset[Code]
    groups: frozenset[Group]


class Policy(Strict):
    """The whole policy. `fields` is the allow-list per group; `status` is the row "sender: status only".

    `purposes` says in words what each purpose is, `consented` are those for which nothing leaves without the
    person's own consent; `receivers` are the rows, `organisations` the agencies, `roles` those of humans at
    the hub (each with its terms in succession) and `alerts` what may be told of time limits and proposals, by
    code. `digest` is the SHA-256 of the file's text: with the version it says which policy this is.
    """

    version: Text
    digest: str
    fields: dict[Group, Names]
    purposes: dict[Code, Text]
    consented: frozenset[Code] = frozenset()
    status: Cell
    alerts: dict[Code, tuple[Alert, ...]] = Field(default_factory=dict[str, tuple[Alert, ...]])
    receivers: dict[Code, Receiver]
    organisations: dict[Code, Organisation]
    roles: dict[Code, tuple[Role, ...]] = Field(default_factory=dict[str, tuple[Role, ...]])

    @model_validator(mode="after")
    def _names_are_defined(self) -> Self:
        wrong = sorted(
            {
                *self._groups_without_fields(),
                *self._strange_names(),
                *self._strange_alerts(),
                *self._strange_roles(),
            }
        )
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def mandate(self, organisation: str, on: date) -> Mandate | None:
        """Return the mandate of an organisation that is in force on a day."""
        known = self.organisations.get(organisation)
        return next((each for each in known.mandates if each.holds(on)), None) if known else None

    def purposes_of(self, recipient: str, on: date) -> frozenset[str]:
        """Return what an organisation may receive for; nothing if it has no mandate on that day."""
        mandate = self.mandate(recipient, on)
        return self.receivers[mandate.receiver].purposes if mandate else frozenset()

    def gives(self, organisation: str, service: str | None, on: date) -> bool:
        """Say whether an organisation may be asked for a service on a day; for none, anybody may."""
        mandate = self.mandate(organisation, on)
        return service is None or (mandate is not None and service in mandate.services)

    def cells(self, recipient: str, on: date) -> dict[Group, tuple[Cell, ...]]:
        """Return the cells in force for an organisation on a day; nothing if it has no mandate then."""
        mandate = self.mandate(recipient, on)
        written = self.receivers[mandate.receiver].cells if mandate else {}
        return {group: tuple(cell for cell in cells if cell.holds(on)) for group, cells in written.items()}

    def alerted(self, recipient: str, about: str, on: date) -> bool:
        """Say whether an organisation may be told of this clock or proposal; whatever is unwritten, not."""
        seen = self.visible(recipient, on)
        written = (each for each in self.alerts.get(about, ()) if each.holds(on))
        return any(each.field in seen.get(each.group, ()) for each in written)

    def role(self, code: str, on: date) -> Role | None:
        """Return the terms of a role that are in force on a day."""
        return next((each for each in self.roles.get(code, ()) if each.holds(on)), None)

    def needs_consent(self, recipient: str, group: Group, on: date) -> bool:
        """Say whether consent is what opens a group for an organisation, or one of two things that do."""
        return any(cell.mark == CONSENT for cell in self.cells(recipient, on).get(group, ()))

    def visible(
        self,
        recipient: str,
        on: date,
        *,
        consented: frozenset[Group] = NOBODY,
        grounded: frozenset[Group] = NOBODY,
    ) -> dict[Group, frozenset[str]]:
        """Return the groups, with their fields, that an organisation may see once it has accepted.

        `consented` are the groups that a consent in force opens for it, `grounded` those that a recorded
        legal ground opens.
        """
        opened = {ALWAYS: frozenset(Group), CONSENT: consented, GROUND: grounded}
        seen: dict[Group, frozenset[str]] = {}
        for group, cells in self.cells(recipient, on).items():
            names = [self.names(cell, group) for cell in cells if group in opened.get(cell.mark, NOBODY)]
            if names:
                seen[group] = frozenset[str]().union(*names)
        return seen

    def names(self, cell: Cell, group: Group) -> frozenset[str]:
        """Return the fields of a group that a cell speaks of; none where it says never."""
        if cell.mark == NEVER:
            return frozenset()
        return self.fields[group] if cell.fields is None else cell.fields

    def _groups_without_fields(self) -> Iterable[str]:
        return (f"fields: {group} is missing" for group in Group if group not in self.fields)

    def _strange_names(self) -> Iterable[str]:
        for purpose in self.consented - self.purposes.keys():
            yield f"consented: {purpose} is not defined under purposes"
        for code, receiver in self.receivers.items():
            for purpose in receiver.purposes - self.purposes.keys():
                yield f"receivers.{code}.purposes: {purpose} is not defined under purposes"
            for group, cells in receiver.cells.items():
                listed = self.fields.get(group, frozenset())
                for name in frozenset[str]().union(*(cell.fields or () for cell in cells)) - listed:
                    yield f"receivers.{code}.cells.{group}: {name} is not on the allow-list fields.{group}"
        for code, organisation in self.organisations.items():
            for mandate in organisation.mandates:
                if mandate.receiver not in self.receivers:
                    yield f"organisations.{code}: there is no receiver {mandate.receiver}"

    def _strange_alerts(self) -> Iterable[str]:
        for code, written in self.alerts.items():
            for each in written:
                if each.field not in self.fields.get(each.group, ()):
                    yield f"alerts.{code}: {each.field} is not on the allow-list fields.{each.group}"

    def _strange_roles(self) -> Iterable[str]:
        for code, terms in self.roles.items():
            if any(one.meets(other) for one, other in combinations(terms, 2)):
                yield f"roles.{code}: two terms on the same day: end one the day the other begins"
            for purpose in frozenset[str]().union(*(each.purposes for each in terms)) - self.purposes.keys():
                yield f"roles.{code}.purposes: {purpose} is not defined under purposes"


def parse_policy(name: str, text: str) -> Policy:
    """Read and check the text of a policy file; `name` is for the error.

    Raises:
        PolicyError: it is not TOML, or does not say what a policy must say.
    """
    try:
        said = tomllib.loads(text)
        if "digest" in said:
            raise PolicyError(f"{name} is no policy: digest is counted, never written")
        return Policy.model_validate({**said, "digest": sha256(text.encode()).hexdigest()})
    except ValidationError as error:
        raise PolicyError(f"{name} is no policy: {wrong(error)}") from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{name} is no TOML: {error}") from None
