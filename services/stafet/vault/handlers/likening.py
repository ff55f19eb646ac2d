"""Likening: note the signs of a message, and tell which other cases may be about the same person."""

from dataclasses import replace

from stafet.vault.domain.likeness import Matching
from stafet.vault.domain.machines import KINSHIP
from stafet.vault.handlers.tools import Tools
from stafet_runtime.vaultport import Registration
from stafet_schemas.likeness import CaseLinkedPossibleDuplicate, LikenessData


async def liken(registration: Registration, case: str, matching: Matching, tools: Tools) -> None:
    """Note what a message says of its person; propose each likeness that is new or greater than it was."""
    readings = matching.readings(registration.values)
    signs = {name: tools.keys.fingerprint(f"sign {name}", reading) for name, reading in readings.items()}
    for like in matching.alike(await tools.kinships.note(case, signs)):
        known = await tools.kinships.between(case, like.other)
        state = KINSHIP.after(known.state, "proposed")
        if state is None or like.score <= known.score:
            continue
        await tools.kinships.keep(replace(known, state=state, score=like.score))
        for one, other in ((case, like.other), (like.other, case)):
            data = LikenessData(case=one, other=other, matched=like.signs, score=like.score)
            tools.outbox.emit(CaseLinkedPossibleDuplicate, data)
