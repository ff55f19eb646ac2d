"""The vault's own keys as files below `<home>/keys`: never overwritten, for the owner only.

`kek/1`, `kek/2`, ... wrap the data keys of every case, the highest number the new ones; `index_key` makes the
blind index of references; `pseudonym_key` makes each recipient's own pseudonyms (32 random bytes each).
`seal/1`, ... open what was sealed to their public halves (X25519, PEM); that of the highest number is
`vault_seal_public` and may be given to anybody. `ledger_key` signs tree heads and certificates; whoever
checks them needs `ledger_public` (Ed25519, PEM).
"""

from stafet.vault.keyfiles.files import KeyFileError
from stafet.vault.keyfiles.home import (
    FOLDER,
    INDEX,
    KEK,
    LEDGER_PRIVATE,
    LEDGER_PUBLIC,
    PSEUDONYM,
    PUBLIC,
    SEAL,
    KeyFiles,
    create_key_files,
    read_key_files,
)
from stafet.vault.keyfiles.keks import ALL_RETIRED, add_kek, read_keks, retire_kek
from stafet.vault.keyfiles.seals import SEAL_PUBLIC, SealPair, SealRing

__all__ = [
    "ALL_RETIRED",
    "FOLDER",
    "INDEX",
    "KEK",
    "LEDGER_PRIVATE",
    "LEDGER_PUBLIC",
    "PSEUDONYM",
    "PUBLIC",
    "SEAL",
    "SEAL_PUBLIC",
    "KeyFileError",
    "KeyFiles",
    "SealPair",
    "SealRing",
    "add_kek",
    "create_key_files",
    "read_keks",
    "read_key_files",
    "retire_kek",
]
