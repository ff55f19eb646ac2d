"""`stafet ledger`: audit the ledger, prove a row of it to a partner, check such a proof."""

import gc
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from rich.console import Console

from stafet.vault.adapters.treeheads import read_head
from stafet.vault.app.ledger import Notary
from stafet.vault.domain.audit import ADDED, CHANGED, FORGED, MISSING, MOVED, REWRITTEN, Fault
from stafet.vault.domain.proof import Inclusion, Proof, ProofError, check_proof, fingerprint_of, read_proof
from stafet.vault.domain.treehead import TreeHead
from stafet.vault.handlers.proving import Audit
from stafet_cli.printing import print_line
from stafet_cli.seat import vault_seat
from stafet_runtime.settings import HubSettings

SOUND: Final = 0
NOT_SOUND: Final = 1
UNUSABLE: Final = 2
NAMED_AT_MOST: Final = 50

MEANINGS: Final = {
    CHANGED: "changed since it was written",
    MISSING: "missing",
    MOVED: "stands in another row's place",
    ADDED: "written by no release",
}


async def verify_command(settings: HubSettings, output: Console) -> int:
    """Audit every row, chain and tree head, and name what is wrong.

    Returns:
        The exit code: 0 all as it was written; 1 it is not.
    """
    async with vault_seat(settings) as session:
        # What is loaded by now stays: looking at it again and again would take a third of the time.
        gc.collect()
        gc.freeze()
        audit = await Notary(session, settings.home).verify()
    for each in audit.faults[:NAMED_AT_MOST]:
        print_line(output, fault_text(each))
    if len(audit.faults) > NAMED_AT_MOST:
        print_line(output, f"and {len(audit.faults) - NAMED_AT_MOST} more")
    print_line(output, _summary(audit))
    if audit.faults:
        print_line(
            output, "keep the database and the folder treeheads as they are; compare them with a backup"
        )
    return NOT_SOUND if audit.faults else SOUND


async def prove_command(settings: HubSettings, disclosure: str, out: Path, output: Console) -> int:
    """Write a proof that a row stands in the ledger, for the recipient that it names.

    Returns:
        The exit code: 0 written; 1 there is no such row.
    """
    async with vault_seat(settings) as session:
        notary = Notary(session, settings.home)
        await notary.sign()
        proof = await notary.prove(disclosure)
    if proof is None:
        print_line(output, f"no disclosure {disclosure}: its id stands in the event disclosure.made")
        return NOT_SOUND
    return _write(proof, out, output)


async def extend_command(settings: HubSettings, head: Path, out: Path, output: Console) -> int:
    """Write a proof that nothing was changed or removed since an earlier tree head.

    Returns:
        The exit code: 0 written; 1 the ledger is smaller than it was.
    """
    first = read_head(head)
    async with vault_seat(settings) as session:
        proof = await Notary(session, settings.home).extend(first)
    if proof is None:
        print_line(output, f"the ledger has fewer rows than {first.size}: run `stafet ledger verify`")
        return NOT_SOUND
    return _write(proof, out, output)


def check_command(file: Path, key: str, output: Console) -> int:
    """Check a proof with no database: `key` is the hub's public key, a PEM file or its fingerprint.

    Returns:
        The exit code: 0 it proves what is printed; 1 it proves nothing; 2 a file cannot be read.
    """
    try:
        proof, fingerprint = read_proof(file.read_bytes()), _fingerprint(key) if key else None
        check_proof(proof, fingerprint)
    except ProofError as error:
        print_line(output, f"{file.name} proves nothing: {error}")
        return NOT_SOUND
    except (OSError, ValueError) as error:
        print_line(output, f"{error}: give a proof file, and with --key the hub's ledger_public")
        return UNUSABLE
    _print_proven(proof, output)
    if not key:
        print_line(
            output, "compare the fingerprint with the one that the hub gave you, or give it with --key"
        )
    return SOUND


def _fingerprint(key: str) -> str:
    """Take a fingerprint as it is; read one from a file.

    Raises:
        OSError, ValueError: there is no public key.
    """
    path = Path(key)
    if not path.exists() and set(key) <= set("0123456789abcdef-"):
        return key
    public = load_pem_public_key(path.read_bytes())
    if not isinstance(public, Ed25519PublicKey):
        raise ValueError(f"{path.name} is no Ed25519 key")  # noqa: TRY004 - the file's content is wrong
    return fingerprint_of(public.public_bytes_raw())


def _write(proof: Proof, out: Path, output: Console) -> int:
    out.write_text(proof.file_text(), encoding="utf-8")
    head = proof.head if isinstance(proof, Inclusion) else proof.second
    print_line(output, f"{out}: check it anywhere with `stafet ledger check {out.name}`")
    print_line(output, f"signed by {fingerprint_of(head.key)}")
    return SOUND


def _print_proven(proof: Proof, output: Console) -> None:
    if isinstance(proof, Inclusion):
        print_line(output, f"row {proof.position} stands in the ledger of {_head_text(proof.head)}")
        if proof.content is None:
            print_line(output, "what it says cannot be shown any more: the key of its case was destroyed")
        for name, value in (proof.content.row if proof.content else {}).items():
            said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            print_line(output, f"  {name:<12}{said}")
    else:
        print_line(output, f"nothing was changed or removed from {_head_text(proof.first)}")
        print_line(output, f"to {_head_text(proof.second)}")
    head = proof.head if isinstance(proof, Inclusion) else proof.second
    print_line(output, f"signed by {fingerprint_of(head.key)}")


def _summary(audit: Audit) -> str:
    newest = f"newest tree head: {_head_text(audit.head)}" if audit.head else "no tree head yet"
    erased = f" ({audit.erased} of erased cases)" if audit.erased else ""
    verdict = f"{len(audit.faults)} faults" if audit.faults else "all as written"
    read = f"{audit.rows} rows in {audit.lanes} lanes{erased}, {audit.leaves} in the tree"
    return f"{read}; {newest}: {verdict}"


def _head_text(head: TreeHead) -> str:
    return f"{head.size} rows at {head.at:%Y-%m-%d %H:%M:%S} UTC"


def fault_text(fault: Fault) -> str:
    """Say in one line which row is wrong, and how."""
    many = "row" if fault.first == fault.last else "rows"
    span = str(fault.first) if fault.first == fault.last else f"{fault.first} to {fault.last}"
    if fault.kind == FORGED:
        return f"the tree head over {fault.last + 1} rows was not signed by this hub, or was changed since"
    if fault.kind == REWRITTEN:
        return f"{many} {span} of the tree: not as they were when the tree head was signed"
    where = f"lane {fault.lane}" if fault.lane else "the tree"
    name = f" (disclosure {fault.disclosure})" if fault.disclosure else ""
    return f"{many} {span} of {where}{name}: {MEANINGS[fault.kind]}"
