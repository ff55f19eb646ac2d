"""I7 and I11: a hundred cases, half of them erased, and everything that the hub ever wrote is searched."""

from collections import Counter
from dataclasses import replace

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from stafet_cli.demo.leaks import find_leaks
from stafet_cli.up import LOGS
from tests.faults.canaries import FAULTS, PLANTED, Hoard, canaries, plant, plant_table, write_spans
from tests.faults.canary_life import live
from tests.services.vault.burglar import boxes_of, elsewhere, secrets_of
from tests.walk.whole_hub import WholeHub

COUNT = 100
PLACES = ("shreds", "certificates", "treeheads", LOGS, "seen")


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """What a collector gets; the provider of the process is the test's own."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    return exporter


@pytest.mark.timeout(300)
class TestAHundredCanaries:
    async def test_are_found_nowhere_and_the_erased_half_opens_nowhere(
        self, hub: WholeHub, spans: InMemorySpanExporter
    ) -> None:
        flock = canaries(47, COUNT)
        spoilt = zip(canaries(53, len(FAULTS)), FAULTS, strict=True)
        seen = hub.home / "seen"
        seen.mkdir()
        await plant_table(hub)
        life = await live(hub, flock, [replace(each.planned, fault=fault) for each, fault in spoilt], seen)
        assert write_spans(spans.get_finished_spans(), seen / "spans.jsonl") > COUNT
        topic = await plant(hub, [hub.home / LOGS / "hub.jsonl", seen / "spans.jsonl", seen / "pages.txt"])

        # Everywhere: what was planted, and nothing else.
        values = [*hub.values, *(phrase for each in flock for phrase in each.phrases), PLANTED]
        known, places = hub.settings, [hub.home / each for each in PLACES]
        leaks = await find_leaks(values, known.kafka, known.topic_prefix, known.postgres, places)
        found = Counter(each.place.replace(":", "/").split("/")[0] for each in leaks)
        assert found == Counter(
            [topic, "public.planted", "before", "after", "hub.jsonl", "spans.jsonl", "pages.txt"]
        )
        assert {each.values for each in leaks} == {1}

        # Through the vault: the living alone.
        hoard = Hoard(flock)
        assert [hoard.owners(each) for each in life.released] == [
            {number} if number % 2 else set() for number in range(COUNT)
        ]

        # With every key that is left: nothing of a dump from before, and only the living now.
        left, whole = secrets_of(hub.home), sum(len(each.values) for each in flock)
        async with elsewhere(known.postgres, seen / "before") as old:
            boxes = await boxes_of(old, life.cases)
        opened = hoard.opened(boxes, life.stolen), hoard.opened(boxes, left)
        assert (len(boxes), *opened) == (COUNT, whole, 0)
        boxes = await boxes_of(known.postgres, life.cases)
        living = sum(each.case in life.cases[1::2] for each in boxes)
        now = hoard.opened(boxes, left)
        assert (len(boxes), living, now) == (50, 50, sum(len(each.values) for each in flock[1::2]))
