"""What is judged: an agency's connector with its samples, found by entry points, wherever it is installed."""

import importlib
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import entry_points
from importlib.resources.abc import Traversable

from stafet_sdk.certification.samples import GROUP, Samples
from stafet_sdk.contract import Connector, Partner


class NoSamplesError(Exception):
    """An agency has no samples to be certified by; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A connector on the bench; `package` is the dotted name of its folder."""

    samples: Samples
    package: str

    @property
    def connector(self) -> Connector:
        """The connector."""
        return self.samples.connector

    @property
    def agency(self) -> str:
        """The code of its agency."""
        return self.connector.manifest.agency

    @property
    def partner(self) -> Partner:
        """The configured agency that its samples fit."""
        return self.samples.partner()

    @property
    def folder(self) -> Traversable:
        """The connector's folder."""
        return resources.files(self.package)

    def source(self, module: str) -> str:
        """Read the source of a module of the folder; "" if there is none."""
        file = self.folder / f"{module}.py"
        return file.read_text(encoding="utf-8") if file.is_file() else ""


def subject_of(samples: Samples) -> Subject:
    """Put samples on the bench; the folder is the one that their module is in."""
    return Subject(samples, type(samples).__module__.rpartition(".")[0])


def agencies() -> tuple[str, ...]:
    """Name every agency whose connector offers samples."""
    return tuple(sorted(point.name for point in entry_points(group=GROUP)))


def find(agency: str) -> Subject:
    """Load an agency's samples.

    Raises:
        NoSamplesError: none are installed under that name, or they are something else.
    """
    points = {point.name: point for point in entry_points(group=GROUP)}
    if agency not in points:
        known = ", ".join(sorted(points)) or "none"
        raise NoSamplesError(
            f"no samples of {agency}: there are {known}; offer Samples by an entry point in {GROUP}"
        )
    module = importlib.import_module(points[agency].module)
    offered = getattr(module, points[agency].attr, None)
    if not isinstance(offered, Samples):
        raise NoSamplesError(f"{points[agency].value} is no Samples: inherit from it and offer an instance")
    return subject_of(offered)
