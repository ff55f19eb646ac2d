"""The main job: hub, broker, database, four simulated agencies; referrals there and back; a judged report.

A demo that was killed goes on where it was when it is started again in the same folder: what is accepted is
committed, and the simulators' whole memory is their record.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from stafet_cli.credentials import Wanted, announce, create
from stafet_cli.demo import state as states
from stafet_cli.demo.leaks import find_leaks
from stafet_cli.demo.ledger_check import check_ledger
from stafet_cli.demo.records import read_records
from stafet_cli.demo.report import Judgement, judge, outstanding, progress_line
from stafet_cli.demo.state import DemoState
from stafet_cli.demo.topic_reader import HubReader, hub_reader
from stafet_cli.hub import prepare, running, servers
from stafet_cli.up import LOGS, local_drops, local_endpoints, open_log
from stafet_runtime.settings import HubSettings

RECEIVERS: Final = ("redcross", "shelter", "immigration")
AGENCIES: Final = (*RECEIVERS, "police")
LOOK_S: Final = 0.5
RATE: Final = 10.0
"""Messages per second of the police. Sent as fast as answered, all times would be those of a queue."""
WITHDRAWALS: Final = 40
"""How many of a hundred persons withdraw consent at the Red Cross: half of them before it says yes."""
STALLED_S: Final = 60.0
"""Longer than any back-off that a demo meets: without progress for so long, something is stuck."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What to do: `home` keeps everything of the run."""

    home: Path
    referrals: int
    seed: int


async def demo(options: DemoOptions, output: Console) -> Judgement:
    """Run the demo, or go on with the one that was killed in this folder, and judge it.

    Raises:
        DemoHomeError, EmbeddedError, OSError: it cannot start; the message says what to do.
    """
    begin = time.monotonic()
    state = await _begin(options, output)
    settings = _settings(options.home, state)
    endpoints = local_endpoints({each: state.ports[each] for each in AGENCIES})
    create(options.home, Wanted(endpoints, drops=local_drops({"police": state.ports["drop"]})))
    with open_log(options.home):
        async with servers(settings) as complete:
            await prepare(complete)
            async with hub_reader(complete.kafka) as reader:
                async with _simulators(options.home, state) as simulators:
                    # What a killed demo still owes them goes out at once: a receiver that is not there yet
                    # is tried again after minutes, as its schedule says.
                    await simulators.start(RECEIVERS)
                    async with running(complete) as ports:
                        announce(options.home, f"http://127.0.0.1:{ports['console']}")
                        await simulators.start(("police",))
                        await _until_finished(options, reader, simulators.children, output)
                output.print(
                    "searching topics, tables and logs for personal values, verifying the ledger ..."
                )
                judgement = await _judged(options, complete, reader, begin)
    state.model_copy(update={"finished": True, "simulators": {}}).save(options.home)
    return judgement


async def _begin(options: DemoOptions, output: Console) -> DemoState:
    """Go on with an unfinished demo of the same order, or make room for a new one."""
    found = states.load(options.home)
    if found is not None:
        states.end_simulators(found)
        if not found.finished and (found.referrals, found.seed) == (options.referrals, options.seed):
            output.print("going on with the demo that was cut off in this folder")
            return found
        # A killed demo's servers outlive it; they are taken over and ended, so that their files can go.
        async with servers(HubSettings(home=options.home, kafka="", postgres="")):
            pass
        states.clear(options.home)
    output.print(f"sending {options.referrals} referrals (seed {options.seed}) in {options.home}")
    return DemoState(referrals=options.referrals, seed=options.seed, ports=states.choose_ports()).save(
        options.home
    )


def _settings(home: Path, state: DemoState) -> HubSettings:
    ports = {f"{name}_port": state.ports[name] for name in ("gateway", "console", "health")}
    return HubSettings.model_validate(
        {"home": home, "kafka": "", "postgres": "", "topic_prefix": "", **ports}
    )


@dataclass(frozen=True, slots=True)
class _Simulators:
    """Each agency's system as a process of its own."""

    home: Path
    state: DemoState
    children: dict[str, subprocess.Popen[bytes]]

    async def start(self, agencies: Sequence[str]) -> None:
        """Start some of them and wait until they listen, or have ended.

        Raises:
            OSError: one does neither.
        """
        for agency in agencies:
            self.children[agency] = self._started(agency)
        pids = {agency: each.pid for agency, each in self.children.items()}
        self.state.model_copy(update={"simulators": pids}).save(self.home)
        for agency in agencies:
            try:
                async with asyncio.timeout(STALLED_S):
                    await self._listening(agency)
            except TimeoutError:
                raise OSError(f"the simulator of {agency} does not listen: see {self.home / LOGS}") from None

    async def _listening(self, agency: str) -> None:
        port, process = self.state.ports[agency], self.children[agency]
        while process.poll() is None and not await states.listens(port):  # noqa: ASYNC110 - another process
            await asyncio.sleep(LOOK_S)

    def _started(self, agency: str) -> subprocess.Popen[bytes]:
        state = self.state
        command = [sys.executable, "-m", "stafet_cli", "simulate", agency]
        options = [
            f"--home={self.home}",
            f"--hub=https://127.0.0.1:{state.ports['gateway']}",
            f"--port={state.ports[agency]}",
            f"--seed={state.seed}",
        ]
        if agency == "police":
            others = ",".join(each for each in RECEIVERS if each != "redcross")
            options += [f"--referrals={state.referrals}", f"--rate={RATE}", f"--to={others}"]
        elif agency == "redcross":
            options.append(f"--withdrawals={WITHDRAWALS}")
        with (self.home / LOGS / f"{agency}.log").open("ab") as log:
            # Not asyncio's: their ids must be known before anything else may fail.
            return subprocess.Popen([*command, *options], stdout=log, stderr=log)


@asynccontextmanager
async def _simulators(home: Path, state: DemoState) -> AsyncGenerator[_Simulators]:
    """Give the agencies' systems, none of them started; all end with this."""
    simulators = _Simulators(home, state, {})
    try:
        yield simulators
    finally:
        for each in simulators.children.values():
            each.terminate()
        for each in simulators.children.values():
            await asyncio.to_thread(each.wait)


async def _until_finished(
    options: DemoOptions,
    reader: HubReader,
    children: Mapping[str, subprocess.Popen[bytes]],
    output: Console,
) -> None:
    """Wait until everything that must happen has happened, or nothing has for STALLED_S."""
    last, since = "", time.monotonic()
    with output.status("starting the agencies ...") as status:
        while waiting := outstanding(
            read_records(options.home), await reader.read(), options.referrals, receivers=RECEIVERS
        ):
            ended = [agency for agency, each in children.items() if each.poll() is not None]
            if ended:
                output.print(f"the simulator of {ended[0]} has ended: see {options.home / LOGS}", style="red")
                return
            line = progress_line(waiting)
            if line != last:
                last, since = line, time.monotonic()
            if time.monotonic() - since > STALLED_S:
                output.print(f"no progress for {STALLED_S:.0f} s; outstanding: {line}", style="red")
                return
            status.update(f"outstanding: {line}")
            await asyncio.sleep(LOOK_S)


async def _judged(options: DemoOptions, settings: HubSettings, reader: HubReader, begin: float) -> Judgement:
    values: list[str] = json.loads(
        (options.home / "simulators" / "police" / "values.json").read_text(encoding="utf-8")
    )
    logs = [
        options.home / LOGS,
        *(options.home / name / f"{name}.log" for name in ("kafka", "postgres")),
    ]
    leaks = await find_leaks(values, settings.kafka, settings.topic_prefix, settings.postgres, logs)
    ledger = await check_ledger(settings)
    facts, taken = await reader.read(), time.monotonic() - begin
    return judge(
        read_records(options.home),
        facts,
        leaks,
        taken,
        options.referrals,
        receivers=RECEIVERS,
        ledger=ledger,
    )
