import re

from stafet_connectors.police.simulator_plan import plan
from tests.guards.rules.tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


class TestTheFirstReferralByHand:
    def test_is_found_under_the_id_that_its_seed_makes(self) -> None:
        seed = re.search(r"simulate police --referrals 1 --seed (\d+)", README)
        traced = re.search(r"stafet trace ([0-9a-f-]{36})", README)

        assert seed is not None
        assert traced is not None
        assert traced.group(1) == plan(int(seed.group(1)), 1)[0][0].transaction

    def test_is_a_sound_one(self) -> None:
        assert plan(42, 1)[0][0].fault is None
