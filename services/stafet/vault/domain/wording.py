"""A language of subject reports: words by what they are of (`text`, `group`, `field`, `code`, ...)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from stafet.vault.domain.danish import DANISH
from stafet.vault.domain.english import ENGLISH
from stafet.vault.policy import Policy
from stafet_schemas.codes import CODE_LISTS, UNKNOWN

LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {"da": DANISH, "en": ENGLISH}
OPERATOR: Final = "operator:"


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language (a code of `LANGUAGES`); names and purposes are those of the policy."""

    language: str
    policy: Policy

    def text(self, name: str, **parts: str) -> str:
        """Say a text of the report, with its parts filled in."""
        return LANGUAGES[self.language][f"text.{name}"].format_map(parts)

    def word(self, kind: str, code: str) -> str:
        """Say a code; one without a word of its own by its own words, as it came."""
        said = LANGUAGES[self.language].get(f"{kind}.{code}")
        return said or code.replace("_", " ")

    def purpose(self, code: str) -> str:
        """Say a purpose: in English as the policy does."""
        said = LANGUAGES[self.language].get(f"purpose.{code}")
        return said or self.policy.purposes.get(code) or self.word("purpose", code)

    def law(self, citation: str) -> str:
        """Say a citation; of one of the policy's, what stands behind the colon is in words."""
        words = LANGUAGES[self.language]
        cited, colon, why = citation.partition(": ")
        return words.get(f"law.{citation}") or cited + colon + words.get(f"law.{why}", why)

    def party(self, code: str) -> str:
        """Name an agency, or the hub's own staff by their role."""
        if code.startswith(OPERATOR):
            role = self.word("role", code.removeprefix(OPERATOR))
            return LANGUAGES[self.language]["party.operator"].format_map({"role": role})
        known = self.policy.organisations.get(code)
        return known.name if known else self.word("party", code)

    def value(self, value: object, *, coded: bool) -> str:
        """Say a value: as it is, but for codes of our lists and what has no words."""
        match value:
            case None:
                return "\N{EN DASH}"
            case str() if value == UNKNOWN:
                return self.word("code", value)
            case bool():
                return self.text("yes" if value else "no")
            case list() | tuple():
                said = (self.value(each, coded=coded) for each in cast("Sequence[object]", value))
                return ", ".join(said) or "\N{EN DASH}"
            case str() if coded and any(each.known(value) for each in CODE_LISTS.values()):
                return self.word("code", value)
            case _:
                return str(value)

    def time(self, at: datetime) -> str:
        """Write a time (UTC) as the language does."""
        return at.strftime("%d.%m.%Y kl. %H.%M" if self.language == "da" else "%Y-%m-%d %H:%M")
