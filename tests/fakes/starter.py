"""A process that starts an embedded server, prints its process id and address, and waits to be killed.

Run as `python tests/fakes/starter.py kafka|postgres DIRECTORY`.
"""

import asyncio
import sys
from pathlib import Path

from stafet_runtime.embedded import KafkaServer, PostgresServer


async def main(kind: str, directory: Path) -> None:
    """Start and wait for ever."""
    if kind == "kafka":
        kafka = await KafkaServer(directory).start()
        line = f"{kafka.pid} {kafka.bootstrap}"
    else:
        postgres = await PostgresServer(directory).start()
        line = f"{postgres.pid} {postgres.dsn}"
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
