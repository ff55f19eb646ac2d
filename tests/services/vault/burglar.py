"""What a burglar reads who has a dump and every key file; needs none of the vault's own code for it.

AES-GCM is AES in counter mode with a tag beside it: without the tag, nothing has to be known of the place
that a ciphertext is bound to.
"""

import subprocess
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from stafet.vault.keyfiles import FOLDER
from stafet_runtime.embedded.postgres import find_programs

NONCE: Final = 12
TAG: Final = 16
FIRST_BLOCK: Final = (2).to_bytes(4)

BOXES: Final = """
    with of_case as (select record_id, case_id from vault.records where case_id = any($1)),
    closed as (
        select case_id, ciphertext from vault.record_values join of_case using (record_id)
        union all select case_id, ciphertext from vault.messages join of_case using (record_id)
        union all select case_id, placer from vault.records where case_id = any($1) and placer is not null
        union all select case_id, reference from vault.aliases where case_id = any($1)
        union all select case_id, why from vault.reveals where case_id = any($1) and why is not null
    )
    select k.case_id, array_agg(wrapped) as wrapped,
        array(select ciphertext from closed c where c.case_id = k.case_id) as closed
    from vault.case_keys k where k.case_id = any($1) group by k.case_id
"""
CIPHERTEXTS: Final = {
    "aliases.reference", "case_keys.wrapped", "messages.ciphertext", "record_values.ciphertext",
    "records.placer", "reveals.why",
}  # fmt: skip
DIGESTS: Final = {
    "aliases.fingerprint", "chains.head", "disclosures.digest", "disclosures.hash", "disclosures.prev_hash",
    "disclosures.stamp", "leaves.hash", "persons.fingerprint", "signs.token", "tree_heads.root",
    "tree_heads.signature",
}  # fmt: skip
BYTES: Final = """
    select table_name || '.' || column_name from information_schema.columns
    where table_schema = 'vault' and data_type = 'bytea' and table_name not in ('outbox', 'parked')
"""


@dataclass(frozen=True, slots=True, repr=False)
class Box:
    """What a dump has of a case: its wrapped data keys, and every ciphertext."""

    case: str
    wrapped: Sequence[bytes]
    closed: Sequence[bytes]


def secrets_of(home: Path) -> list[bytes]:
    """Collect every secret of 32 bytes below a home's keys, whatever it is meant for."""
    files = (each.read_bytes() for each in (home / FOLDER).rglob("*") if each.is_file())
    return [secret for content in files for secret in _secrets(content)]


async def boxes_of(dsn: str, cases: Sequence[str]) -> list[Box]:
    """Take what a database has of cases."""
    connection = await asyncpg.connect(dsn)
    try:
        return [Box(*row) for row in await connection.fetch(BOXES, list(cases))]
    finally:
        await connection.close()


async def bytes_columns(dsn: str) -> set[str]:
    """Name every column of the vault that holds bytes: a new one is a ciphertext or a digest."""
    connection = await asyncpg.connect(dsn)
    try:
        return {row[0] for row in await connection.fetch(BYTES)}
    finally:
        await connection.close()


def read(box: Box, secrets: Sequence[bytes]) -> bytes:
    """Decrypt everything by every secret, and by every data key that any secret may unwrap; most is noise."""
    keys = [*secrets, *(_decrypt(secret, each) for secret in secrets for each in box.wrapped)]
    return b"\n".join(_decrypt(key, each) for key in keys for each in box.closed)


def dump_whole(dsn: str, path: Path) -> None:
    """Dump all schemas of a database, not compressed, so that its bytes can be searched."""
    options = ["--format=custom", "--compress=none", f"--file={path}", f"--dbname={dsn}"]
    subprocess.run([str(find_programs() / "pg_dump"), *options], check=True, capture_output=True)


@asynccontextmanager
async def elsewhere(dsn: str, dump: Path) -> AsyncGenerator[str]:
    """Restore a dump into a database of its own, and give its DSN; it is gone after the block."""
    name = f"{urlsplit(dsn).path.strip('/')}_{dump.name}"
    restored = urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))
    administrator = await asyncpg.connect(dsn)
    try:
        await administrator.execute(f"create database {name}")
        command = [str(find_programs() / "pg_restore"), f"--dbname={restored}", str(dump)]
        subprocess.run(command, check=True, capture_output=True)  # noqa: ASYNC221 - nobody else works meanwhile
        yield restored
    finally:
        await administrator.execute(f"drop database if exists {name} with (force)")
        await administrator.close()


def _secrets(content: bytes) -> list[bytes]:
    if len(content) == 32:
        return [content]
    if b"PRIVATE KEY" not in content:
        return []
    private = load_pem_private_key(content, password=None)
    assert isinstance(private, X25519PrivateKey | Ed25519PrivateKey)
    return [private.private_bytes_raw()]


def _decrypt(key: bytes, sealed: bytes) -> bytes:
    counting = Cipher(AES(key), CTR(sealed[:NONCE] + FIRST_BLOCK)).decryptor()
    return counting.update(sealed[NONCE:-TAG])
