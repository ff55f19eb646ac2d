"""What a subject report says, in both languages."""

import json
import re
from collections.abc import Collection
from dataclasses import replace
from html.parser import HTMLParser
from string import Formatter

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stafet.vault.domain.consent import DUTY, GROUND
from stafet.vault.domain.english import ENGLISH
from stafet.vault.domain.signature import signed_by
from stafet.vault.domain.subject import DANGER_LAW, content_of, laws, read_report, report_text, signed_bytes
from stafet.vault.domain.subjectpage import page
from stafet.vault.domain.wording import LANGUAGES, Wording
from stafet.vault.policy import NEVER
from stafet_schemas import codes
from stafet_schemas.groups import Group
from tests.services.vault.subjects import AT, EVIL, HISTORY, POLICY, STAFF, report_of, row

CLOSED = ("text", "party", "part", "basis", "statement")
"""Kinds of words that say more than a code does: each language has every one of its own."""
OF_FIELDS = (
    codes.SERVICES, codes.PRIORITIES, codes.AGE_GROUPS, codes.SEXES, codes.RESIDENCE, codes.EXPLOITATION,
    codes.CONTROL, codes.RECRUITER, codes.LABOUR, codes.CONSENT_FORMS,
)  # fmt: skip
SPOKEN: dict[str, Collection[str]] = {
    "group": list(Group),
    "field": {name for names in POLICY.fields.values() for name in names},
    "purpose": {*POLICY.purposes, *codes.PURPOSES.codes},
    "part": codes.PARTS.codes,
    "basis": codes.BASES.codes,
    "role": {*POLICY.roles, *codes.ROLES.codes},
    "code": {codes.UNKNOWN}.union(*(each.codes for each in OF_FIELDS)),
}
READERS = tuple(Wording(language, POLICY) for language in LANGUAGES)


class Tags(HTMLParser):
    """The elements and attributes of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.said = set[str](), set[str](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take them down."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        """Take it down."""
        self.said.append(data)


class TestLanguages:
    """Danish and English."""

    def test_have_the_same_texts_with_the_same_parts(self) -> None:
        danish, english = (
            {
                key: {name for _, name, _, _ in Formatter().parse(said) if name}
                for key, said in words.items()
                if key.partition(".")[0] in CLOSED
            }
            for words in LANGUAGES.values()
        )
        assert danish == english

    def test_danish_has_a_word_for_whatever_a_report_may_say(self) -> None:
        missing = [
            f"{kind}.{code}"
            for kind, said in SPOKEN.items()
            for code in sorted(said)
            if f"{kind}.{code}" not in LANGUAGES["da"]
        ]
        assert missing == []

    def test_danish_says_the_citations_of_the_policy(self) -> None:
        cells = [
            cell for each in POLICY.receivers.values() for cells in each.cells.values() for cell in cells
        ]
        roles = [term for terms in POLICY.roles.values() for term in terms]
        cited = {
            each.citation for each in (*cells, *roles, POLICY.status) if getattr(each, "mark", "") != NEVER
        }
        danish = Wording("da", POLICY)
        english = [each for each in sorted(cited) if ": " in each and danish.law(each) == each]
        assert english == []
        assert danish.law("GDPR art. 9(2)(a): explicit consent") == "GDPR art. 9(2)(a): udtrykkeligt samtykke"
        assert danish.law("Barnets lov § 133") == "Barnets lov § 133"
        assert (
            Wording("en", POLICY).law("Barnets lov § 133: duty to notify")
            == "Barnets lov § 133: duty to notify"
        )

    def test_english_says_a_code_in_plain_words_and_a_purpose_as_the_policy(self) -> None:
        english = Wording("en", POLICY)
        spoken = [english.word(kind, code) for kind, said in SPOKEN.items() for code in said]
        assert [each for each in spoken if "_" in each] == []
        assert english.value("forced_labour", coded=True) == "forced labour"
        purposes = {code: english.purpose(code) for code in SPOKEN["purpose"]}
        assert [code for code, said in purposes.items() if said == code] == []

    def test_no_word_is_left_that_nothing_says(self) -> None:
        strange = [
            key
            for words in LANGUAGES.values()
            for key in words
            if (kind := key.partition(".")[0]) in SPOKEN and key.partition(".")[2] not in SPOKEN[kind]
        ]
        assert strange == []

    @pytest.mark.parametrize("words", READERS, ids=LANGUAGES)
    def test_say_what_a_value_is(self, words: Wording) -> None:
        said = [words.value(each, coded=True) for each in (None, [], True, ["threats", "x_y"], 3, "my_code")]
        yes, threats = {"da": ("ja", "trusler"), "en": ("yes", "threats")}[words.language]
        assert said == ["\N{EN DASH}", "\N{EN DASH}", yes, f"{threats}, x_y", "3", "my_code"]
        assert words.value("threats", coded=False) == "threats"

    @pytest.mark.parametrize("words", READERS, ids=LANGUAGES)
    def test_name_parties_by_the_policy_and_staff_by_their_role(self, words: Wording) -> None:
        assert words.party("redcross") == POLICY.organisations["redcross"].name
        assert words.word("role", "supervisor") in words.party("operator:supervisor")
        assert words.party("nobody_known") == "nobody known"


class TestLaws:
    """On which legal basis."""

    def test_of_a_field_are_those_of_the_policys_cell(self) -> None:
        cells = POLICY.cells("redcross", AT.date())
        cited = {cells[group][0].citation for group in (Group.NARRATIVE, Group.ROUTING)}
        assert set(laws(row(), POLICY, HISTORY)) == cited

    def test_without_a_basis_are_those_of_what_leaves_anyway(self) -> None:
        cells = POLICY.cells("redcross", AT.date())
        assert laws(row(bases=()), POLICY, HISTORY) == (cells[Group.ROUTING][0].citation,)

    def test_of_a_duty_or_a_ground_are_what_it_cites_itself(self) -> None:
        notified = row(fields=("narrative.text",), bases=(f"{DUTY}:duty-1:1",))
        assert laws(notified, POLICY, HISTORY) == ("duty by § 1",)
        grounded = row(recipient="police", fields=("child.text",), bases=(f"{GROUND}:ground-1:1",))
        (cell,) = POLICY.cells("police", AT.date())[Group.CHILD]
        assert laws(grounded, POLICY, HISTORY) == (cell.citation, "ground by § 1")

    def test_of_a_basis_that_does_not_speak_of_the_group_are_none(self) -> None:
        assert laws(row(fields=("health.treatment",)), POLICY, HISTORY) == ()

    def test_of_parts_without_values_are_those_of_the_part(self) -> None:
        assert laws(row(part="status", fields=()), POLICY, ()) == (POLICY.status.citation,)
        assert laws(row(part="erasure", fields=()), POLICY, ()) == ("GDPR art. 7(3), 19",)

    def test_of_the_hubs_own_staff_are_those_of_the_role(self) -> None:
        role = POLICY.role("supervisor", AT.date())
        assert role is not None
        shown = row(recipient="operator:supervisor", fields=("identity.first_name",))
        assert laws(shown, POLICY, ()) == (role.citation,)
        assert laws(replace(shown, fields=("narrative.text",)), POLICY, ()) == (DANGER_LAW,)


class TestPage:
    """For people."""

    @pytest.mark.parametrize("words", READERS, ids=LANGUAGES)
    def test_takes_markup_in_values_for_text_and_loads_nothing(self, words: Wording) -> None:
        shown = page(report_of(), words, "subject-report-n-1.json")
        found = Tags(shown)
        assert "script" not in found.tags
        assert found.attributes <= {"lang", "charset", "http-equiv", "content", "name", "scope", "dir"}
        assert "<script" not in shown
        assert found.said.count(EVIL) >= 3
        assert not re.search(r"https?:|url\(|@import", shown)
        assert f'<html lang="{words.language}">' in shown

    @pytest.mark.parametrize("words", READERS, ids=LANGUAGES)
    def test_says_everything_in_words_of_its_language(self, words: Wording) -> None:
        made = report_of(
            row(), row(part="notice", purpose="referral_notice", fields=("routing.service",), bases=()),
            row(recipient="operator:supervisor", part="reveal"),
        )  # fmt: skip
        said = "\n".join(Tags(page(made, words, "file.json")).said)
        expected = [
            *(words.word("group", each).capitalize() for each in Group if each in made.records[0].values),
            *(words.purpose(each) for each in ("support", "referral_notice")),
            *(words.word("part", each) for each in ("content", "notice", "reveal")),
            *(words.text(each) for each in ("staff", "kept", "rights", "raw")),
            words.text("withheld", groups=words.word("group", "perpetrator")),
            words.time(AT), words.party("redcross"), words.party("operator:supervisor"),
            *map(words.law, made.disclosed[0][1]), "duty by § 1",
        ]  # fmt: skip
        assert [each for each in expected if each not in said] == []
        assert re.findall(r"\w+_\w+", said) == []

    @pytest.mark.parametrize("words", READERS, ids=LANGUAGES)
    def test_of_nothing_says_so(self, words: Wording) -> None:
        made = replace(report_of(), records=(), withheld=(), disclosed=(), bases=())
        assert page(made, words, "file.json").count(f"<p>{words.text('nothing')}</p>") == 3

    def test_that_no_law_can_be_named_for_says_by_which_policy(self) -> None:
        said = page(report_of(row(fields=("health.treatment",))), READERS[1], "file.json")
        assert f"by policy {POLICY.version}" in said

    def test_names_no_staff(self) -> None:
        made = report_of()
        assert STAFF not in page(made, READERS[0], "file.json") + json.dumps(content_of(made))


class TestSigned:
    """For machines."""

    KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))

    def text(self) -> str:
        content, shown = content_of(report_of()), page(report_of(), READERS[0], "file.json")
        key = self.KEY.public_key().public_bytes_raw()
        return report_text(content, shown, key, self.KEY.sign(signed_bytes(content, shown)))

    def holds(self, text: str) -> bool:
        said = read_report(text)
        return signed_by(said.key, said.signature, said.content)

    def test_holds_as_it_was_written_and_in_any_layout(self) -> None:
        assert self.holds(self.text())
        assert self.holds(json.dumps(json.loads(self.text())))

    def test_says_data_recipients_purposes_times_and_laws(self) -> None:
        said = json.loads(self.text())["content"]
        assert said["data"][0]["groups"]["contact"]["phone"] == "+4520998877"
        assert said["withheld"] == ["perpetrator"]
        (disclosed,) = said["disclosures"]
        assert (disclosed["recipient"], disclosed["purpose"], disclosed["at"]) == (
            "redcross", "support", AT.isoformat(),
        )  # fmt: skip
        assert disclosed["legal_basis"] == list(laws(row(), POLICY, HISTORY))
        assert [each["law"] for each in said["bases"]] == [None, "duty by § 1", "ground by § 1"]

    def test_with_any_word_changed_does_not_hold(self) -> None:
        said = json.loads(self.text())
        said["content"]["disclosures"][0]["recipient"] = "police"
        assert not self.holds(json.dumps(said))
        said = json.loads(self.text())
        said["page"] = "0" * 64
        assert not self.holds(json.dumps(said))

    def test_with_any_byte_changed_does_not_hold(self) -> None:
        text = self.text()
        standing = [
            place
            for place in range(0, len(text), 7)
            if text[place].isalnum() and self.stands(text[:place] + "~" + text[place + 1 :])
        ]
        assert standing == []

    def stands(self, text: str) -> bool:
        try:
            return self.holds(text)
        except ValueError:
            return False

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"content": 1, "page": "", "key": "x"}', "null"])
    def test_what_is_none_is_said_to_be_none(self, text: str) -> None:
        with pytest.raises(ValueError, match="not a subject report"):
            read_report(text)


class TestEnglish:
    """Its words."""

    def test_leave_to_the_policy_what_the_policy_says(self) -> None:
        assert [key for key in ENGLISH if key.removeprefix("purpose.") in POLICY.purposes] == []
