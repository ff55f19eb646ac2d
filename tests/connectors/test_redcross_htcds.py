"""Our HTCDS names and picklist values, held against the published field list when it is at hand."""

import re
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from stafet_connectors.redcross import mapping
from stafet_connectors.redcross.samples import release
from stafet_sdk.crosswalk import Crosswalk, crosswalks

PUBLISHED = Path(__file__).parents[3] / "shared" / "formats" / "htcds" / "htcds-field-standards-2.0.ods"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

pytestmark = pytest.mark.skipif(
    not PUBLISHED.exists(), reason="the published HTCDS 2.0 field list is not part of the project"
)


@pytest.fixture(scope="module")
def fields() -> dict[str, set[str]]:
    """Names of all published fields, each with the lines of its row (picklist values among them)."""
    with zipfile.ZipFile(PUBLISHED) as archive:
        root = etree.fromstring(archive.read("content.xml"), etree.XMLParser(resolve_entities=False))
    found: dict[str, set[str]] = {}
    for row in root.iter(f"{TABLE}table-row"):
        lines = ["".join(str(text) for text in each.itertext()).strip() for each in row.iter(f"{TEXT}p")]
        for name in lines:
            if re.fullmatch(r"[a-z]{3}_[A-Za-z]+", name):
                found[name] = set(lines)
    return found


def sent(part: str) -> dict[str, object]:
    """Word the sample of a part."""
    return mapping.to_data(release(part))


class TestNames:
    @pytest.mark.parametrize("part", ["notice", "content", "parse_rejected", "refused"])
    def test_every_name_is_published_or_in_our_namespace(
        self, fields: dict[str, set[str]], part: str
    ) -> None:
        assert not [name for name in sent(part) if name not in fields and not name.startswith("stafet_")]

    def test_every_name_of_the_tables_is_published(self, fields: dict[str, set[str]]) -> None:
        names = {*mapping.NAMES.values(), *mapping.LISTS.values()}
        names |= {picklist.field for picklist in mapping.PICKLISTS.values()}
        assert len(fields) > 60
        assert names <= fields.keys()


class TestCrosswalks:
    @pytest.mark.parametrize("name", [name for name, each in crosswalks().items() if each.field])
    def test_every_field_and_value_is_published(self, fields: dict[str, set[str]], name: str) -> None:
        crosswalk = crosswalks()[name]
        assert crosswalk.field in fields
        published = fields[crosswalk.field]
        values = {*crosswalk.codes.values(), *([crosswalk.rest] if crosswalk.rest else [])}
        assert values == {"true"} if "Checkbox" in published else values <= published


class TestPicklists:
    @pytest.mark.parametrize("picklist", mapping.PICKLISTS.values(), ids=lambda picklist: picklist.field)
    def test_every_value_is_on_the_list(self, fields: dict[str, set[str]], picklist: Crosswalk) -> None:
        values = {*picklist.codes.values(), *([picklist.rest] if picklist.rest else [])}
        assert values <= fields[picklist.field]

    def test_fixed_values_are_on_their_lists(self, fields: dict[str, set[str]]) -> None:
        for name in ("cas_ReasonForOutgoingReferral", "vic_TraffickingStatus"):
            assert sent("content")[name] in fields[name]
