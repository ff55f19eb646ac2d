"""Prove: grow the tree and sign its head, audit the whole ledger, write proofs for others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from stafet.vault.domain.audit import MISSING, Fault, LaneAudit, TreeAudit, name_moves
from stafet.vault.domain.ledger import CASE, NO_CASE, commitment, place, row_bytes
from stafet.vault.domain.merkle import Frontier, Tree
from stafet.vault.domain.proof import Content, Extension, Inclusion, Proof, ProofError, check_proof
from stafet.vault.domain.treehead import TreeHead, head_bytes
from stafet.vault.ports.keys import Keys
from stafet.vault.ports.ledger import Heads, Lane, Ledger, Planted
from stafet_runtime.clock import Clock
from stafet_runtime.vaultport import VaultUnavailableError


@dataclass(frozen=True, slots=True)
class Audit:
    """What `verify` found: rows and lanes looked at, how many rows stand in the tree, and all faults.

    `erased` counts the lanes whose case has no key any more; `head` is the newest of all tree heads.
    """

    rows: int
    lanes: int
    erased: int
    leaves: int
    head: TreeHead | None
    faults: tuple[Fault, ...]


async def sign(ledger: Ledger, heads: Heads, keys: Keys, clock: Clock) -> TreeHead | None:
    """Plant what was committed since the newest tree head and sign a new one; None if the ledger is empty.

    Raises:
        VaultUnavailableError: what was signed before says otherwise: nothing may be built on it.
    """
    await ledger.alone()
    newest = await ledger.newest()
    head, frontier = newest or (None, Frontier())
    if head is not None and not (head.holds() and frontier.root() == head.root):
        raise VaultUnavailableError(
            "the newest tree head was changed: run `stafet ledger verify`, restore the vault from backup"
        )
    if heads.largest() > frontier.size:
        raise VaultUnavailableError(
            f"a tree head was signed over {heads.largest()} rows and only {frontier.size} are there: run "
            "`stafet ledger verify`; to go on after restoring a backup, put the folder treeheads away"
        )
    fresh = await ledger.plant(frontier.size)
    if not fresh:
        return head
    for each in fresh:
        frontier.add(each)
    signed = _signed(frontier, keys, clock)
    await ledger.keep(signed, frontier)
    return signed


async def verify(ledger: Ledger, heads: Heads, keys: Keys) -> Audit:
    """Hold every row against keys, chain and tree, and the tree against every head that was signed.

    Raises:
        VaultUnavailableError: a case's key does not open, or a file is no tree head.
    """
    # Before the snapshot is taken, which then has every row of these.
    exported = heads.exported()
    await ledger.freeze()
    faults: list[Fault] = []
    rows = lanes = erased = 0
    async for page in ledger.lanes():
        rows += await _audit_lanes(page, ledger, keys, faults)
        lanes += len(page)
        erased += sum(each.key is None and each.lane != NO_CASE for each in page)
    faults += [Fault(MISSING, number, number, *where) for number, *where in await ledger.strays()]
    signed = sorted({*await ledger.heads(), *exported}, key=lambda each: each.size)
    tree = TreeAudit(signed, keys.public, faults)
    async for leaves in ledger.leaves():
        tree.take(leaves)
    tree.end()
    return Audit(rows, lanes, erased, tree.size, signed[-1] if signed else None, name_moves(faults))


async def prove(disclosure: str, ledger: Ledger, keys: Keys) -> Inclusion | None:
    """Prove that a row stands in the tree of the newest head, saying what its recipient may know of it.

    None if no tree has such a row, or not yet.

    Raises:
        VaultUnavailableError: its case's key does not open, or the row is not what was written.
    """
    await ledger.freeze()
    found, newest = await ledger.find(disclosure), await ledger.newest()
    if found is None or found.position is None or newest is None:
        return None
    row, head = found.row, newest[0]
    proof = Inclusion(
        content=_content(found, keys),
        digest=row.digest,
        previous=row.previous,
        place=place(row.lane, row.number, row.keyed),
        position=found.position,
        path=tuple((await _tree(ledger)).inclusion(found.position, head.size)),
        head=head,
    )
    _sound(proof)
    return proof


async def extend(first: TreeHead, ledger: Ledger) -> Extension | None:
    """Prove that the tree of the newest head begins with that of an earlier one; None if there is none.

    Raises:
        VaultUnavailableError: it does not begin with it.
    """
    await ledger.freeze()
    newest = await ledger.newest()
    if newest is None or newest[0].size < first.size:
        return None
    path = (await _tree(ledger)).consistency(first.size, newest[0].size)
    proof = Extension(first=first, second=newest[0], path=tuple(path))
    _sound(proof)
    return proof


def _signed(frontier: Frontier, keys: Keys, clock: Clock) -> TreeHead:
    size, root, at = frontier.size, frontier.root(), clock.now()
    signature = keys.sign(head_bytes(size, root, at))
    return TreeHead(size=size, root=root, at=at, key=keys.public, signature=signature)


async def _audit_lanes(page: Sequence[Lane], ledger: Ledger, keys: Keys, faults: list[Fault]) -> int:
    audits = {
        each.lane: LaneAudit(each.lane, keys, keys.open_case(each.key).row_key if each.key else None, faults)
        for each in page
    }
    rows = 0
    async for batch in ledger.rows(list(audits)):
        for row in batch:
            audits[row.lane].take(row)
        rows += sum(row.columns is not None for row in batch)
    for each in page:
        audits[each.lane].end(each.entries, each.head)
    return rows


async def _tree(ledger: Ledger) -> Tree:
    return Tree([hash_ async for leaves in ledger.leaves() for _, hash_ in leaves])


def _content(found: Planted, keys: Keys) -> Content | None:
    row = found.row
    if row.columns is None or (row.keyed == CASE and found.key is None):
        return None
    disclosure = str(row.columns[0])
    owner = keys.open_case(found.key) if row.keyed == CASE and found.key else keys
    row_key = owner.row_key(disclosure)
    shown, hidden = row_bytes(row.columns)
    return Content(row=json.loads(shown), row_key=row_key, committed=commitment(row_key, hidden))


def _sound(proof: Proof) -> None:
    """Give away no proof that does not hold."""
    try:
        check_proof(proof)
    except ProofError as error:
        raise VaultUnavailableError(
            f"{error}: run `stafet ledger verify`, which names what is wrong"
        ) from None
