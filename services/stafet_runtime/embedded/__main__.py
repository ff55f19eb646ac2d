"""Fetch what the embedded servers need, once: `python -m stafet_runtime.embedded`; exit 1 with the remedy."""

import asyncio
import logging
import sys

from rich.console import Console

from stafet_runtime.embedded.archive import ensure_archive
from stafet_runtime.embedded.errors import EmbeddedError
from stafet_runtime.embedded.jars import ensure_jars


def main() -> int:
    """Return the exit status."""
    # The rehearsal of the archive talks to a broker that has just started: its first refusals are expected.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        jars = ensure_jars()
        archive = asyncio.run(ensure_archive())
    except EmbeddedError as error:
        console.print(str(error), markup=False)
        return 1
    speed = "starts fast" if archive else "starts slower: this Java writes no class archive"
    console.print(f"Kafka: {len(jars)} jars checked in {jars[0].parent}, broker {speed}", markup=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
