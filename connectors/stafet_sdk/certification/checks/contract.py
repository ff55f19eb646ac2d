"""It is a connector, it is found, and it decides by nothing but what it is given."""

import ast
import random
from dataclasses import replace
from typing import Final, cast

from stafet_schemas.codes import RUNGS
from stafet_sdk.certification.check import Checks, FailedError, expect
from stafet_sdk.certification.samples import NOW
from stafet_sdk.certification.subject import Subject
from stafet_sdk.contract import Connector
from stafet_sdk.discovery import connectors
from stafet_sdk.draft import PARTS
from stafet_sdk.errors import NoWord
from stafet_sdk.manifest import load_manifest
from stafet_sdk.purity import impurities

topic: Final = Checks("contract")


@topic.check("Offer every method of stafet_sdk.contract.Connector, and the connector in pyproject.toml.")
def is_discovered(subject: Subject) -> None:
    """The connector keeps the protocol and is found by its entry point."""
    offered = cast("object", subject.connector)
    expect(isinstance(offered, Connector), "the connector lacks a method of the protocol")
    found = connectors().get(subject.agency)
    expect(found is subject.connector, "no entry point in stafet.connectors leads to this connector")


@topic.check(
    "Compare manifest.toml with stafet_sdk.manifest.Manifest and the key files that the samples give."
)
def manifest_fits(subject: Subject) -> None:
    """The manifest is valid, named as its folder, and asks for the keys that are used."""
    manifest = load_manifest(subject.package)
    expect(manifest == subject.connector.manifest, "the connector has another manifest than manifest.toml")
    name = subject.package.rpartition(".")[2]
    fits = name == manifest.agency or name.endswith(f"_{manifest.agency}")
    expect(fits, f"the folder {name} is not named after the agency {manifest.agency}")
    wanted = {*manifest.keys, *manifest.drop_keys}
    expect(set(subject.partner.keys) == wanted, "the samples' partner has other keys")


@topic.check("Pass clock, ids and chance in as arguments, or let accept and from_hub have them.")
def mapping_is_pure(subject: Subject) -> None:
    """The mapping reads no clock, draws nothing and opens nothing."""
    source = subject.source("mapping")
    expect(source, "there is no mapping.py")
    found = impurities(ast.parse(source))
    expect(not found, f"mapping.py calls {', '.join(found)}")


@topic.check("Keep nothing between calls: the same bytes must always read the same.")
def same_message_reads_the_same(subject: Subject) -> None:
    """The same message is read the same, however often."""
    request, partner = subject.samples.request(), subject.partner
    once, twice = (subject.connector.accept(request, partner, NOW) for _ in range(2))
    expect(once == twice, "accept gives another envelope the second time")
    drafts = [subject.connector.to_hub(request.body, partner) for _ in range(2)]
    expect(drafts[0] == drafts[1], "to_hub gives another draft the second time")


@topic.check("Compose from release, partner and now alone; every attempt has the same ids and body.")
def same_release_is_worded_the_same(subject: Subject) -> None:
    """The same release is worded the same, however often."""
    for release in subject.samples.releases():
        said = [subject.connector.from_hub(release, subject.partner, NOW) for _ in range(2)]
        expect(said[0] == said[1], f"from_hub words the part {release.part} in another way the second time")


@topic.check("Keep no state in the connector: order is the hub's, which keeps it per case.")
def order_changes_nothing(subject: Subject) -> None:
    """Messages and releases are read and worded the same in any order."""
    partner, releases = subject.partner, list(subject.samples.releases())
    bodies = [subject.samples.request().body, *(body for body, _ in _drawn(subject, 5))]

    def worded(order: int) -> list[object]:
        said: list[object] = [subject.connector.from_hub(each, partner, NOW) for each in releases[::order]]
        return said[::order]

    def read(order: int) -> list[object]:
        said: list[object] = [subject.connector.to_hub(each, partner) for each in bodies[::order]]
        return said[::order]

    expect(worded(1) == worded(-1), "from_hub depends on what was worded before")
    expect(read(1) == read(-1), "to_hub depends on what was read before")


@topic.check("Word the part, add a release of it to the samples, or raise NoWord.")
def says_all_or_has_no_word(subject: Subject) -> None:
    """Everything the hub can send is worded, or the connector says that it has no word."""
    releases = subject.samples.releases()
    worded = {(each.part, each.rung if each.part == "status" else None) for each in releases}
    every = {(part, None) for part in PARTS - {"status"}} | {("status", rung) for rung in RUNGS.codes}
    for part, rung in sorted(every - worded, key=str):
        bare = replace(releases[0], part=part, rung=rung, values={})
        try:
            subject.connector.from_hub(bare, subject.partner, NOW)
        except NoWord:
            continue
        raise FailedError(
            f"{part}{f' {rung}' if rung else ''} is worded, but the samples have no release of it"
        )


@topic.check("Raise ValueError for a part that the hub does not have: it is a bug of the hub's.")
def strange_part_is_a_bug(subject: Subject) -> None:
    """A part that is not the hub's is refused as a bug."""
    strange = replace(subject.samples.releases()[0], part="rumour")
    try:
        subject.connector.from_hub(strange, subject.partner, NOW)
    except ValueError:
        return
    raise FailedError("from_hub words a part that does not exist")


def _drawn(subject: Subject, count: int) -> list[tuple[bytes, object]]:
    drawn = [subject.samples.drawn(random.Random(number)) for number in range(count)]
    return [each for each in drawn if each is not None]
