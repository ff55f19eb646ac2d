"""The agency's simulator as a real process, on real sockets, with every fault script that it has."""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final, TypeVar

from stafet_sdk.certification.check import Checks, FailedError, NotApplicableError, expect
from stafet_sdk.certification.lab import Heard, Lab, LabError, lab, until
from stafet_sdk.certification.samples import Promise, Way
from stafet_sdk.certification.subject import Subject
from stafet_sdk.contract import Accepted
from stafet_sdk.draft import Release
from stafet_sdk.errors import ConnectorError, DeliveryError, InboundRefused, MappingError

REFERRALS: Final = 12
TRIES: Final = 8
CANCELLED: Final = 12
AT_ONCE: Final = 2
LONGEST_WAIT_S: Final = 1.5

Result = TypeVar("Result")

topic: Final = Checks("faults")


@topic.check("Start it by `stafet simulate`, and read what it says when it ends.", slow=True)
def simulator_takes_every_part(subject: Subject) -> None:
    """The simulator takes every part that the agency gets, and writes it down."""

    async def proven(made: Lab) -> None:
        async with made.simulator(made.options()):
            for release in subject.samples.releases():
                failed = await made.deliver(release)
                expect(failed is None, f"{_part(release)} ends as {_named(failed)}")
                await _noted(made, release)

    _run(subject, proven)


@topic.check("See samples.promises(): what the script does, and what it must end in.", slow=True)
def scripts_of_answers_end_as_promised(subject: Subject) -> None:
    """Each fault script of the receiving side ends in what is promised, and then the message lands."""
    _each(subject, frozenset({"push"}), _pushed)


@topic.check("See samples.promises(): what the script sends, and how it must be answered.", slow=True)
def scripts_of_messages_end_as_promised(subject: Subject) -> None:
    """Each fault script of what the agency sends, or has fetched, is answered as promised."""
    _each(subject, frozenset({"inbox", "poll", "drop"}), _sent)


@topic.check("Close what was opened when a send is cancelled; keep no lock.", slow=True)
def cancelled_sends_leave_nothing_half_done(subject: Subject) -> None:
    """A send that is cancelled at any point neither holds a connection nor spoils the next one."""

    async def proven(made: Lab) -> None:
        release = subject.samples.releases()[0]
        async with made.simulator(made.options()):
            for turns in range(CANCELLED):
                sending = asyncio.create_task(made.deliver(release))
                for _ in range(turns * 2):
                    await asyncio.sleep(0)
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
            failed = await made.deliver(release)
            expect(failed is None, f"after cancelled sends the next one ends as {_named(failed)}")
            await _noted(made, release)

    _run(subject, proven)


@topic.check("Keep all state in the record, and go on from it: same ids, same words.", slow=True)
def a_killed_simulator_goes_on(subject: Subject) -> None:
    """A simulator that is killed in the middle goes on where it was, with the same messages."""

    async def through(made: Lab) -> frozenset[str]:
        async with made.simulator(made.options(referrals=REFERRALS)):
            await _drive(made)
            await _quiet(made)
        return frozenset(made.reception.kept)

    whole = _run(subject, through)
    if not whole:
        raise NotApplicableError("the agency sends nothing to the hub")

    async def interrupted(made: Lab) -> None:
        async with made.simulator(made.options(referrals=REFERRALS)):
            await _drive(made)
            await until(lambda: bool(made.heard))
        async with made.simulator(made.options(referrals=REFERRALS)):
            await _drive(made)
            await until(lambda: whole <= made.reception.kept.keys())

    _run(subject, interrupted)


Prove = Callable[[Lab, str, Promise], Coroutine[None, None, None]]


def _each(subject: Subject, ways: frozenset[Way], prove: Prove) -> None:
    """Run every script of some ways, some at once, each with its own simulator; tell of all that fail."""
    promises = {name: each for name, each in subject.samples.promises().items() if each.way in ways}
    if not promises:
        raise NotApplicableError(f"samples.promises() has no script by way of {', '.join(sorted(ways))}")

    async def one(name: str, promise: Promise, free: asyncio.Semaphore) -> str | None:
        async with free:
            with tempfile.TemporaryDirectory() as folder:
                async with lab(subject, Path(folder)) as made:
                    try:
                        await prove(made, name, promise)
                    except (FailedError, LabError) as failure:
                        return f"{name}: {failure}"
        return None

    async def run() -> list[str | None]:
        free = asyncio.Semaphore(AT_ONCE)
        return await asyncio.gather(*(one(name, each, free) for name, each in promises.items()))

    failed = [each for each in asyncio.run(run()) if each]
    expect(not failed, "; ".join(failed))


async def _pushed(made: Lab, script: str, promise: Promise) -> None:
    release = made.subject.samples.releases()[0]
    async with made.simulator(made.options([script])):
        first = await made.deliver(release)
        expect(
            _kept(first, promise), f"the first attempt ends as {_named(first)}, not as {_promised(promise)}"
        )
        for _ in range(TRIES):
            if first is None or first.final:
                break
            await asyncio.sleep(min(first.retry_after or 0.0, LONGEST_WAIT_S))
            first = await made.deliver(release)
        if first is None:
            await _noted(made, release)
        expect(first is None or first.final, f"it did not land after {TRIES} attempts: {_named(first)}")


async def _sent(made: Lab, script: str, promise: Promise) -> None:
    async with made.simulator(made.options([script], referrals=REFERRALS)):
        await _drive(made)
        if promise.outcome is None:
            await _quiet(made)
            expect(made.reception.kept, "nothing came from the agency")
            wrong = [_named(each) for each in made.heard if _is_final(each)]
            expect(not wrong, f"what came ends as {', '.join(dict.fromkeys(wrong))}")
            return
        try:
            await until(lambda: any(_heard(each, promise) for each in made.heard))
        except LabError:
            found = dict.fromkeys(_named(each) for each in made.heard)
            raise FailedError(f"nothing ends as {_promised(promise)}, but as {', '.join(found)}") from None
        if issubclass(promise.outcome, DeliveryError) and not promise.outcome.final:
            await until(lambda: bool(made.reception.kept))


async def _drive(made: Lab) -> None:
    """Let the agency have every part, so that it has something to say; how it answers does not matter."""
    for release in made.subject.samples.releases():
        await made.deliver(release)


async def _quiet(made: Lab, seconds: float = 1.5) -> None:
    """Wait until nothing new came for a while: what is fetched may come again as long as it is fetched."""
    loop = asyncio.get_running_loop()
    seen, since = -1, loop.time()
    while seen != _news(made) or loop.time() - since < seconds:
        if seen != _news(made):
            seen, since = _news(made), loop.time()
        await asyncio.sleep(0.05)


def _news(made: Lab) -> int:
    return sum(not (isinstance(each, Accepted) and each.again) for each in made.heard)


def _run(subject: Subject, work: Callable[[Lab], Coroutine[None, None, Result]]) -> Result:
    async def inside() -> Result:
        with tempfile.TemporaryDirectory() as folder:
            async with lab(subject, Path(folder)) as made:
                return await work(made)

    try:
        return asyncio.run(inside())
    except LabError as error:
        raise FailedError(str(error)) from None


async def _noted(made: Lab, release: Release) -> None:
    """Wait until the agency has written down that it took a message.

    Raises:
        FailedError: it does not.
    """
    told = ("fault", "listening")

    def noted() -> bool:
        kept = [entry for entry in made.record if str(entry["kind"]) not in told]
        return any(release.delivery in str(each) for entry in kept for each in entry.values())

    try:
        await until(noted)
    except LabError:
        raise FailedError(f"{_part(release)} is taken, but not in the record") from None


def _kept(found: ConnectorError | None, promise: Promise) -> bool:
    if promise.outcome is None or found is None:
        return promise.outcome is None and found is None
    code = getattr(found, "cause", None) or getattr(found, "code", None)
    return type(found) is promise.outcome and promise.code in (None, code)


def _heard(heard: Heard, promise: Promise) -> bool:
    return isinstance(heard, ConnectorError) and _kept(heard, promise)


def _is_final(heard: Heard) -> bool:
    return isinstance(heard, InboundRefused | MappingError) or (
        isinstance(heard, DeliveryError) and heard.final
    )


def _named(found: object) -> str:
    code = getattr(found, "cause", None) or getattr(found, "code", None)
    if found is None:
        return "taken"
    return f"{type(found).__name__}{f' {code}' if code else ''}"


def _promised(promise: Promise) -> str:
    name = "taken" if promise.outcome is None else promise.outcome.__name__
    return f"{name}{f' {promise.code}' if promise.code else ''}"


def _part(release: Release) -> str:
    return f"{release.part} {release.rung or ''}".strip()
