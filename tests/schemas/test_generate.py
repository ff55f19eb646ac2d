"""`python -m stafet_cli.generate`: fresh files, and no breaking change slips through it."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from stafet_cli import generate
from stafet_cli.generate_jsonschema import event_schema, events, short_type
from stafet_schemas.event import Event, EventData
from stafet_schemas.groups import ROUTING
from stafet_schemas.referral import ReferralEvent
from tests.schemas.stored import ROOT, STORED

SUBMITTED = "referral.submitted.v1"


class SubmittedV2Data(EventData):
    case: Annotated[str, ROUTING]


class ReferralSubmittedV2(ReferralEvent):
    """A version that the registry does not know, because it was not there when the registry was made."""

    # pyright does not see in `model_config` that events are frozen (see pyrightconfig.json).
    type: Literal["dk.cmm.stafet.referral.submitted.v2"] = "dk.cmm.stafet.referral.submitted.v2"  # pyright: ignore[reportIncompatibleVariableOverride]
    data: SubmittedV2Data  # pyright: ignore[reportIncompatibleVariableOverride] - the same


def stored_but(change: dict[str, Any]) -> dict[str, dict[str, Any]]:
    old: dict[str, Any] = json.loads(json.dumps(STORED))
    old[SUBMITTED]["properties"]["data"].update(change)
    return old


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    generate.write(tmp_path, generate.outputs())
    return tmp_path


class TestCommittedFiles:
    def test_are_fresh(self) -> None:
        assert generate.stale(ROOT, generate.outputs()) == [], "run `make docs` and commit the result"


class TestOutputs:
    def test_are_the_same_each_time(self) -> None:
        assert generate.outputs() == generate.outputs()

    def test_have_a_schema_per_event_with_an_id_of_its_own(self) -> None:
        ids = [event_schema(event)["$id"] for event in events()]

        assert len(set(ids)) == len(ids) == len(STORED)

    def test_are_open_to_fields_of_newer_writers(self) -> None:
        assert [path for path, text in generate.outputs().items() if "additionalProperties" in text] == []

    def test_hold_no_references_in_schemas(self) -> None:
        schemas = {
            path: text for path, text in generate.outputs().items() if path.startswith(generate.SCHEMAS)
        }

        assert [path for path, text in schemas.items() if '"$ref"' in text or '"$defs"' in text] == []


class TestCheck:
    def test_passes_on_fresh_files(self, copy: Path) -> None:
        assert generate.main(["--check"], root=copy) == 0

    def test_names_stale_missing_and_orphaned_files_and_the_command(
        self, copy: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (copy / "docs/reference/codes.md").write_text("one line\n", encoding="utf-8")
        (copy / "schemas/asyncapi.yaml").unlink()

        assert generate.main(["--check"], root=copy) == 1

        said = capsys.readouterr().err
        assert "make docs" in said
        assert "schemas/asyncapi.yaml: missing" in said
        assert "docs/reference/codes.md: stale (" in said

    def test_writes_nothing(self, tmp_path: Path) -> None:
        assert generate.main(["--check"], root=tmp_path) == 1

        assert list(tmp_path.iterdir()) == []


class TestWrite:
    def test_makes_stale_files_fresh(self, copy: Path) -> None:
        (copy / "schemas/asyncapi.yaml").write_text("", encoding="utf-8")

        assert generate.main([], root=copy) == 0

        assert generate.stale(copy, generate.outputs()) == []

    def test_refuses_a_breaking_change_and_names_the_command(
        self, copy: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = copy / generate.SCHEMAS / f"{SUBMITTED}.json"
        broken = stored_but({"required": []})[SUBMITTED]
        file.write_text(json.dumps(broken), encoding="utf-8")

        assert generate.main([], root=copy) == 1

        said = capsys.readouterr().err
        assert f"{SUBMITTED}: data.case: is now required" in said
        assert "python -m stafet_cli.generate --accept referral.submitted.v2" in said
        assert json.loads(file.read_text(encoding="utf-8")) == broken


class TestRefusals:
    def test_none_for_the_classes_as_they_are(self) -> None:
        assert generate.refusals(STORED, events(), frozenset()) == []

    def test_none_for_a_new_type(self) -> None:
        old = {name: schema for name, schema in STORED.items() if name != SUBMITTED}

        assert generate.refusals(old, events(), frozenset()) == []

    def test_a_new_version_wants_to_be_accepted(self) -> None:
        with_v2: list[type[Event]] = [*events(), ReferralSubmittedV2]

        assert [
            short_type(ReferralSubmittedV2) in said
            for said in generate.refusals(STORED, with_v2, frozenset())
        ] == [True]
        assert generate.refusals(STORED, with_v2, frozenset({"referral.submitted.v2"})) == []

    def test_a_stored_version_cannot_be_accepted_again(self) -> None:
        said = generate.refusals(stored_but({"required": []}), events(), frozenset({SUBMITTED}))

        assert any("stored already" in each and "referral.submitted.v2" in each for each in said)
        assert any("is now required" in each for each in said)

    def test_a_version_without_a_class_cannot_be_accepted(self) -> None:
        said = generate.refusals(STORED, events(), frozenset({"referral.submitted.v9"}))

        assert said == [
            "--accept referral.submitted.v9: there is no event class of this type; write it first"
        ]

    def test_a_class_may_not_vanish_while_its_events_are_kept(self) -> None:
        rest = [event for event in events() if short_type(event) != SUBMITTED]

        said = generate.refusals(STORED, rest, frozenset())

        assert len(said) == 1
        assert said[0].startswith(f"{SUBMITTED}: its class is gone")
