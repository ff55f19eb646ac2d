"""What the published document says must be there is asked for by name; all the rest may be left out."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import stafet_connectors.immigration
from stafet_connectors.immigration import connector
from stafet_connectors.immigration.samples import GOLDEN, partner
from stafet_sdk.draft import AnswerDraft, DecisionDraft, ReferralDraft
from stafet_sdk.errors import MappingError

DOCUMENT: Final = Path(stafet_connectors.immigration.__file__).parent / "openapi.yaml"
SCHEMAS: Final[dict[str, Any]] = yaml.safe_load(DOCUMENT.read_text("utf-8"))["components"]["schemas"]
OF: Final = {"accepted": "ReferralStatus", "decision": "Decision", "suspected": "SuspectedVictim"}
"""A recorded item, and the schema of its data."""
MORE: Final[dict[str, Any]] = {
    "data.otherIdentifiers": ["foreigner_number|AS-1203456|official||"],
    "data.personoplysninger.kaldenavn": "Joy",
    "data.stay.asylum": "registered",
    "data.stay.entitlement": "none",
    "data.period": {"start": "2026-11-01", "end": "2026-12-01"},
    "data.consent.recipients": ["shelter"],
}
"""What the recorded referral has not, so that nothing documented is missing from it."""


def put(item: dict[str, Any], path: str, value: object) -> None:
    """Set a field by its path; None takes it away."""
    *sections, last = path.split(".")
    for each in sections:
        item = item[each]
    if value is None:
        del item[last]
    else:
        item[last] = value


def whole(name: str) -> dict[str, Any]:
    item: dict[str, Any] = json.loads((GOLDEN / f"{name}.message.json").read_text("utf-8"))
    for path, value in MORE.items() if name == "suspected" else ():
        put(item, path, value)
    return item


def documented(schema: dict[str, Any], path: str) -> Iterator[tuple[str, bool]]:
    """Walk through the fields of a schema: the path of each, and whether it must be there."""
    for name, inner in schema.get("properties", {}).items():
        yield f"{path}.{name}", name in schema.get("required", ())
        yield from documented(inner, f"{path}.{name}")


FIELDS: Final = [
    (name, path, needed)
    for name, schema in OF.items()
    for path, needed in documented(SCHEMAS[schema], "data")
]
ABSENT: Final = {("accepted", "data.reason"), ("decision", "data.reverses")}
"""Of a rejection and of a reversal only."""


def lacking(name: str, path: str) -> bytes:
    item = copy.deepcopy(whole(name))
    put(item, path, None)
    return json.dumps(item).encode()


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, path, needed in FIELDS if needed])
def test_what_must_be_there_is_named_where_it_is_not(name: str, path: str) -> None:
    with pytest.raises(MappingError) as caught:
        connector.to_hub(lacking(name, path), partner())

    assert {field: problem for field, problem in caught.value.problems if field.startswith(path)} == dict(
        caught.value.problems
    )
    assert set(dict(caught.value.problems).values()) == {"missing"}


@pytest.mark.parametrize(
    ("name", "path"),
    [(name, path) for name, path, needed in FIELDS if not needed and (name, path) not in ABSENT],
)
def test_all_the_rest_may_be_left_out(name: str, path: str) -> None:
    assert isinstance(
        connector.to_hub(lacking(name, path), partner()), ReferralDraft | AnswerDraft | DecisionDraft
    )


def test_left_to_the_hub_consent_says_who_may_have_it() -> None:
    item = whole("suspected")
    put(item, "data.receiver", "hub")
    draft = connector.to_hub(json.dumps(item).encode(), partner())
    assert isinstance(draft, ReferralDraft)
    assert (draft.receiver, draft.consents[0].recipients) == ("hub", ("shelter",))

    put(item, "data.consent.recipients", None)
    with pytest.raises(MappingError) as caught:
        connector.to_hub(json.dumps(item).encode(), partner())
    assert caught.value.problems == (("data.consent.recipients", "missing"),)
