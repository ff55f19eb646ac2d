"""Kafka's classes as one prepared archive (JEP 514), made once: the broker starts in a third of the time."""

import tempfile
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from stafet_runtime.embedded.jars import read_jar_list
from stafet_runtime.embedded.java import find_java
from stafet_runtime.embedded.jvm import archive_path
from stafet_runtime.embedded.kafka import KafkaServer

WRITE_SECONDS: Final = 120.0
TOPIC: Final = "rehearsal"


async def ensure_archive() -> Path | None:
    """Return the archive, made by a rehearsal of about ten seconds when missing; None if Java is too old.

    Also None when the rehearsal wrote nothing: the broker works without it, only slower to start.
    """
    archive = archive_path(find_java(), read_jar_list())
    if archive is None or archive.exists():
        return archive
    with tempfile.TemporaryDirectory(prefix=".archive-", dir=archive.parent) as folder:
        made = Path(folder) / "classes.aot"
        server = KafkaServer(
            Path(folder) / "kafka", java=(f"-XX:AOTCacheOutput={made}",), patience=WRITE_SECONDS
        )
        async with server:
            await _rehearse(server.bootstrap)
        if not made.exists():
            return None
        made.replace(archive)
    return archive


async def _rehearse(bootstrap: str) -> None:
    """Use what the hub uses, so that its classes get in: topics, idempotent producing, a group."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, 1, 1)])
    finally:
        await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all") as producer:
        await producer.send_and_wait(TOPIC, b"value", key=b"key")
    consumer = AIOKafkaConsumer(
        TOPIC, bootstrap_servers=bootstrap, group_id=TOPIC, auto_offset_reset="earliest"
    )
    async with consumer:
        await consumer.getone()
        await consumer.commit()
