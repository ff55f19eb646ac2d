"""A real single-node Kafka broker (KRaft) in a directory of one's own."""

import asyncio
import secrets
import signal
import socket
import subprocess
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from stafet_runtime.embedded.account import Account
from stafet_runtime.embedded.jvm import java_command
from stafet_runtime.embedded.kafka_probe import read_cluster_id
from stafet_runtime.embedded.server import STOP_SECONDS, EmbeddedServer
from stafet_sdk.freeports import free_ports

HOST: Final = "127.0.0.1"
PROPERTIES: Final = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "auto.create.topics.enable": "false",
    # One node: internal topics have one copy, and few partitions because each costs memory and start time.
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "2",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    # A killed single node otherwise waits nine seconds for its own old session before it serves again.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    "log.cleaner.dedupe.buffer.size": "4194304",
    "log.index.size.max.bytes": "1048576",
}


class KafkaServer(EmbeddedServer):
    """One broker on loopback ports, which are remembered in the directory together with the data."""

    name = "kafka"
    signals = (signal.SIGTERM,)

    def __init__(self, directory: Path, *, java: Sequence[str] = (), patience: float = STOP_SECONDS) -> None:
        """Name the directory (made at start), more flags for Java, and the seconds that a stop may take."""
        super().__init__(directory, patience=patience)
        self._java = java
        self._properties = self.directory / "server.properties"

    @property
    def bootstrap(self) -> str:
        """Address for clients, `127.0.0.1:port`; raises FileNotFoundError before the first start."""
        return f"{HOST}:{(self.directory / 'ports').read_text('utf-8').split()[0]}"

    def _marks(self) -> tuple[str, ...]:
        return "kafka.Kafka", str(self._properties)

    async def _answers(self) -> bool:
        ports = self._remembered_ports()
        return ports is not None and await read_cluster_id(f"{HOST}:{ports[0]}") == self._cluster_id()

    async def _launch(self) -> subprocess.Popen[bytes]:
        command = await asyncio.to_thread(java_command, self._java)
        self._write_properties()
        await self._format()
        return self._spawn([*command, "kafka.Kafka", str(self._properties)], Account())

    async def _format(self) -> None:
        """Prepare the storage once; what an interrupted start left half done is done again."""
        if (self.directory / "data" / "meta.properties").exists():
            return
        tool = ["kafka.tools.StorageTool", "format", "-t", self._cluster_id(), "-c", str(self._properties)]
        await self._prepare([*await asyncio.to_thread(java_command), *tool], Account())

    def _write_properties(self) -> None:
        broker, controller = self._choose_ports()
        settings = PROPERTIES | {
            "listeners": f"PLAINTEXT://{HOST}:{broker},CONTROLLER://{HOST}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{HOST}:{broker}",
            # Voters as a setting and not as a record in the log: the ports may change between two starts.
            "controller.quorum.voters": f"1@{HOST}:{controller}",
            "log.dirs": str(self.directory / "data"),
        }
        text = "".join(f"{key}={value}\n" for key, value in settings.items())
        self._properties.write_text(text, "utf-8")

    def _choose_ports(self) -> tuple[int, int]:
        """Keep the ports of last time while they are free, so that what people noted stays valid."""
        remembered = self._remembered_ports()
        if remembered and all(_is_free(port) for port in remembered):
            return remembered
        broker, controller = free_ports(2)
        ports = broker, controller
        (self.directory / "ports").write_text(f"{ports[0]} {ports[1]}\n", "utf-8")
        return ports

    def _remembered_ports(self) -> tuple[int, int] | None:
        try:
            broker, controller = (self.directory / "ports").read_text("utf-8").split()
            return int(broker), int(controller)
        except (FileNotFoundError, ValueError):
            return None

    def _cluster_id(self) -> str:
        """Return this directory's cluster id, made once: 22 URL-safe characters, no leading `-`."""
        path = self.directory / "cluster"
        if not path.exists():
            # The tool that formats takes a leading `-` for an option; the last character holds two bits only.
            path.write_text("s" + secrets.token_urlsafe(16)[1:21] + "A", "utf-8")
        return path.read_text("utf-8")


def _is_free(port: int) -> bool:
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((HOST, port))
        except OSError:
            return False
    return True


@asynccontextmanager
async def embedded_kafka(directory: Path) -> AsyncGenerator[str]:
    """Run a broker in `directory` and yield its bootstrap address, `127.0.0.1:port`."""
    async with KafkaServer(directory) as server:
        yield server.bootstrap
