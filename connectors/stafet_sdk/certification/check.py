"""A check: one promise of connectors, how it is judged, and what to do when it does not hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from stafet_sdk.certification.subject import Subject

State = Literal["passed", "failed", "not_applicable", "skipped"]
Figures = Mapping[str, float]
Judge = Callable[[Subject], Figures | None]

TOPICS: Final = (
    "contract",
    "mapping",
    "privacy",
    "idempotency",
    "acknowledgements",
    "faults",
    "rotation",
    "evidence",
)


class FailedError(Exception):
    """A promise does not hold; the message names fields, parts and classes, never values."""


class NotApplicableError(Exception):
    """There is nothing to judge; the message says why."""


@dataclass(frozen=True, slots=True)
class Check:
    """One promise, named `<topic>.<function>`; `promise` is its sentence, `advice` what to do if it fails.

    A slow one starts the agency's simulator or measures.
    """

    name: str
    promise: str
    advice: str
    judge: Judge
    slow: bool = False

    @property
    def topic(self) -> str:
        """The topic it belongs to."""
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Finding:
    """How a check ended; `said` is what to do, or why there was nothing to judge."""

    check: str
    state: State
    said: str = ""
    figures: Figures = field(default_factory=dict[str, float])


class Checks:
    """The checks of one topic, in the order they are written down."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self.all: list[Check] = []

    def check(self, advice: str, *, slow: bool = False) -> Callable[[Judge], Judge]:
        """Register a function whose docstring is the promise."""

        def register(judge: Judge) -> Judge:
            name = f"{self._topic}.{getattr(judge, '__name__', '')}"
            promise = (judge.__doc__ or "").strip().partition("\n")[0].rstrip(".")
            self.all.append(Check(name, promise, advice, judge, slow))
            return judge

        return register


def expect(held: object, said: str) -> None:
    """Go on if something holds.

    Raises:
        FailedError: it does not.
    """
    if not held:
        raise FailedError(said)


def run(check: Check, subject: Subject) -> Finding:
    """Judge a connector by one check; whatever its code raises is a failure by the error's class."""
    try:
        figures = check.judge(subject)
    except NotApplicableError as reason:
        return Finding(check.name, "not_applicable", str(reason))
    except FailedError as failure:
        return Finding(check.name, "failed", f"{failure}. {check.advice}")
    except Exception as error:  # noqa: BLE001 - a connector's bug must not end the list; its words may hold values
        return Finding(check.name, "failed", f"{type(error).__name__} was raised. {check.advice}")
    return Finding(check.name, "passed", figures=figures or {})
