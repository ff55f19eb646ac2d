"""What a vocabulary's rule advises on the signs that were seen. It advises; nothing moves by it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from stafet.identification.domain.context import Context, said_by
from stafet.identification.domain.decision import Decision, RefusalError
from stafet.identification.domain.vocabulary import Vocabulary, Weight
from stafet_runtime.effect import Effect
from stafet_runtime.thing import Thing
from stafet_schemas.codes import UNKNOWN
from stafet_schemas.interview import IndicatorsData, IndicatorsRecorded
from stafet_schemas.step import StepReportedData

INDICATED: Final = "indicated"
NOT_INDICATED: Final = "not_indicated"
NO_RULE: Final = "no_rule"


@dataclass(frozen=True, slots=True)
class Advice:
    """The codes that the vocabulary has and has not, the positive dimensions, and the word for it all."""

    codes: tuple[str, ...]
    unknown: tuple[str, ...]
    positive: tuple[str, ...] = ()
    word: str = UNKNOWN


def advise(vocabulary: Vocabulary | None, codes: Iterable[str], profile: str | None = None) -> Advice:
    """Read signs by a vocabulary, each once, in their order.

    Where it is not known every code is kept as unknown; the word is `unknown` for it and for a profile that
    it does not have, and `no_rule` if it says how to read none.
    """
    told = tuple(dict.fromkeys(codes))
    if vocabulary is None:
        return Advice((), told)
    seen = tuple(code for code in told if vocabulary.known(code))
    strange = tuple(code for code in told if code not in seen)
    if not vocabulary.rule:
        return Advice(seen, strange, word=NO_RULE)
    chosen = profile or next(iter(vocabulary.profiles))
    if chosen not in vocabulary.profiles:
        return Advice(seen, strange)
    positive = _positive(vocabulary, seen, chosen)
    enough = all(group & set(positive) for group in vocabulary.profiles[chosen].needs)
    return Advice(seen, strange, positive, INDICATED if enough else NOT_INDICATED)


def recorded(step: StepReportedData, context: Context) -> Decision:
    """Keep the signs that were seen, with the advice on them.

    Raises:
        RefusalError: the interview they are from is not known.
    """
    if step.subject and not context.matter.get(step.case, "interview", step.subject).state:
        raise RefusalError("unknown_subject", "subject")
    said = said_by(step)
    named = step.vocabulary or UNKNOWN
    vocabulary = context.vocabularies.find(named, said.day)
    advice = advise(vocabulary, step.codes, step.kind)
    thing = Thing(step.case, "indicators", step.message, "recorded", {"advice": advice.word})
    if context.matter.get(step.case, "indicators", step.message).state:
        return Decision()
    data = IndicatorsData(
        **said.told(),
        vocabulary=vocabulary.name if vocabulary else named,
        interview=step.subject,
        codes=advice.codes,
        unknown=advice.unknown,
        positive=advice.positive,
        advice=advice.word,
    )
    return Decision((thing,), (Effect(IndicatorsRecorded, data),))


def _positive(vocabulary: Vocabulary, seen: Iterable[str], profile: str) -> tuple[str, ...]:
    found: list[str] = []
    for name, dimension in vocabulary.dimensions.items():
        signs = [dimension.codes[code] for code in seen if code in dimension.codes]
        weights: list[Weight] = [each.profiles.get(profile, each.weight) for each in signs]
        if any(condition.holds(weights) for condition in vocabulary.rule):
            found.append(name)
    return tuple(found)
