"""Register: a translated message gets its case, and its values are kept."""

from typing import Final

from stafet.vault.domain.ledger import FIRST, canonical
from stafet.vault.domain.likeness import Matching
from stafet.vault.domain.places import alias_place, message_place, placer_place, value_place
from stafet.vault.handlers import consenting
from stafet.vault.handlers.likening import liken
from stafet.vault.handlers.tools import RaceLostError, Tools
from stafet.vault.policy import Policy
from stafet.vault.ports.keys import CaseKey, Keys
from stafet.vault.ports.store import Head, NewCase, NewRecord
from stafet_runtime.vaultport import Registration, StoredRecord
from stafet_schemas.case import CaseOpened, CaseOpenedData

FIRST_VERSION: Final = 1


def open_message(sealed: bytes, context: bytes, *, keys: Keys) -> bytes:
    """Open raw bytes that the gateway sealed.

    Raises:
        ValueError: they do not open with this context.
    """
    return keys.unseal(sealed, context)


async def register(
    registration: Registration, policy: Policy, matching: Matching, tools: Tools
) -> StoredRecord:
    """Find or open the case of (agency, reference) and store the values; a repeated message changes nothing.

    Cases that may be about the same person are proposed by what `matching` says.

    Raises:
        ConsentRefusedError: what it says of consent cannot stand.
        RaceLostError: start again in a new transaction.
    """
    agency, message = registration.agency, registration.message
    fingerprint = tools.keys.fingerprint(agency, registration.reference)
    known = await tools.store.find(agency, message, fingerprint)
    if known.record:
        return known.record
    key = tools.keys.open_case(known.key) if known.key else await _open_case(registration, fingerprint, tools)
    if registration.consents:
        # A case that this transaction opens is seen by nobody else: its chain is at its beginning, and ours.
        head = await tools.store.lock(key.locked.case) if known.key else Head(0, FIRST)
        await _record_consents(registration, key, head, policy, tools)
    record = _encrypt(registration, key, tools)
    if not await tools.store.add_record(record):
        raise RaceLostError
    await liken(registration, key.locked.case, matching, tools)
    return record.stored


async def _record_consents(
    registration: Registration, key: CaseKey, head: Head | None, policy: Policy, tools: Tools
) -> None:
    # Before the record: whoever erases takes the chain first and the case after it.
    if head is None:
        raise RaceLostError
    for each in registration.consents:
        await consenting.state(each, key, head, policy, tools)


async def _open_case(registration: Registration, fingerprint: bytes, tools: Tools) -> CaseKey:
    key = tools.keys.new_case()
    agency, case = registration.agency, key.locked.case
    reference = key.encrypt(registration.reference.encode(), alias_place(case, agency))
    if not await tools.store.open_case(
        NewCase(key.locked, agency, fingerprint, reference, tools.clock.now())
    ):
        raise RaceLostError
    tools.outbox.emit(CaseOpened, CaseOpenedData(case=case, agency=agency))
    return key


def _encrypt(registration: Registration, key: CaseKey, tools: Tools) -> NewRecord:
    record, case = tools.ids.new(), key.locked.case
    plain = {group: canonical(dict(fields)) for group, fields in registration.values.items()}
    digest = key.digest(b"\n".join(group.encode() + plain[group] for group in sorted(plain)))
    return NewRecord(
        stored=StoredRecord(case, record, FIRST_VERSION, tuple(sorted(plain)), digest),
        agency=registration.agency,
        message=registration.message,
        placer=key.encrypt(registration.placer.encode(), placer_place(record, case, registration.agency)),
        values={
            group: key.encrypt(text, value_place(record, FIRST_VERSION, case, group))
            for group, text in plain.items()
        },
        raw=key.encrypt(registration.raw, message_place(record, case)),
        at=tools.clock.now(),
    )
