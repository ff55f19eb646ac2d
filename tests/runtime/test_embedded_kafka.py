import os
import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from stafet_runtime.embedded import KafkaServer, embedded_kafka
from stafet_runtime.embedded.errors import EmbeddedError
from stafet_runtime.embedded.kafka_probe import read_cluster_id
from stafet_runtime.embedded.processes import alive
from tests.fakes.kafka_client import create_topic, read, send
from tests.fakes.orphan import orphan


@pytest.fixture
def directory() -> Iterator[Path]:
    """A folder with a short path of its own."""
    with TemporaryDirectory(prefix="stafet-") as folder:
        yield Path(folder)


class TestEmbeddedKafka:
    async def test_serves_producers_and_consumers(self, directory: Path) -> None:
        async with embedded_kafka(directory) as bootstrap:
            await create_topic(bootstrap, "kept")
            await send(bootstrap, "kept", b"one", b"two")
            assert await read(bootstrap, "kept", 2) == [b"one", b"two"]

    async def test_makes_no_topic_by_itself(self, directory: Path) -> None:
        async with embedded_kafka(directory):
            properties = (directory / "server.properties").read_text("utf-8")
        assert "auto.create.topics.enable=false" in properties


class TestKafkaServer:
    async def test_keeps_address_messages_and_offsets_over_a_restart(self, directory: Path) -> None:
        async with embedded_kafka(directory) as first:
            await create_topic(first, "kept")
            await send(first, "kept", b"one", b"two")
            await read(first, "kept", 1)
        async with embedded_kafka(directory) as second:
            assert second == first
            assert await read(second, "kept", 1) == [b"two"]

    async def test_moves_to_other_ports_with_its_messages_when_the_old_ones_are_taken(
        self, directory: Path
    ) -> None:
        async with embedded_kafka(directory) as first:
            await create_topic(first, "kept")
            await send(first, "kept", b"one")
        with socket.create_server(("127.0.0.1", int(first.split(":")[1]))):
            async with embedded_kafka(directory) as second:
                assert second != first
                assert await read(second, "kept", 1) == [b"one"]

    async def test_takes_over_the_broker_of_a_killed_process(self, directory: Path) -> None:
        with orphan("kafka", directory) as (pid, bootstrap):
            async with KafkaServer(directory) as server:
                assert (server.pid, server.bootstrap) == (pid, bootstrap)
                assert await read_cluster_id(bootstrap) is not None

    async def test_stops_a_broker_that_it_took_over(self, directory: Path) -> None:
        with orphan("kafka", directory) as (pid, bootstrap):
            process = psutil.Process(pid)
            async with KafkaServer(directory):
                pass
            assert not alive(process)
            assert await read_cluster_id(bootstrap) is None

    async def test_replaces_an_orphan_that_does_not_answer_where_it_should(self, directory: Path) -> None:
        with orphan("kafka", directory) as (pid, _):
            (directory / "ports").unlink()
            async with KafkaServer(directory) as server:
                assert server.pid != pid
                assert await read_cluster_id(server.bootstrap) is not None

    async def test_recovers_after_the_broker_itself_was_killed(self, directory: Path) -> None:
        async with KafkaServer(directory) as server:
            await create_topic(server.bootstrap, "kept")
            await send(server.bootstrap, "kept", b"one")
            psutil.Process(server.pid).kill()
        async with embedded_kafka(directory) as bootstrap:
            assert await read(bootstrap, "kept", 1) == [b"one"]

    async def test_refuses_a_directory_that_another_owner_uses(self, directory: Path) -> None:
        async with KafkaServer(directory):
            with pytest.raises(EmbeddedError, match="in use by another running Stafet"):
                await KafkaServer(directory).start()

    async def test_runs_in_a_session_of_its_own(self, directory: Path) -> None:
        async with KafkaServer(directory) as server:
            assert server.pid is not None
            assert os.getsid(server.pid) != os.getsid(0)

    async def test_stays_within_its_memory(self, directory: Path) -> None:
        async with KafkaServer(directory) as server:
            assert psutil.Process(server.pid).memory_info().rss < 250 * 1024 * 1024

    async def test_says_why_it_cannot_start_and_what_to_do(self, directory: Path) -> None:
        async with embedded_kafka(directory):
            pass
        (directory / "data" / "__cluster_metadata-0" / "quorum-state").write_text("broken", "utf-8")
        with pytest.raises(EmbeddedError, match=r"(?s)did not start.*remove the directory.*quorum-state"):
            await KafkaServer(directory).start()
