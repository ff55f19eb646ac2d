"""10,000 random cases: nothing leaves that the design does not let out, and all that it does."""

import random
from collections import Counter

from stafet.vault.adapters.datafiles import load_policy
from tests.services.vault.leaving import SMUGGLED
from tests.services.vault.randomcases import draw, everybody, leaves, may_leave, message_wrongs

CASES = 10_000
POLICY = everybody(load_policy())


class TestTenThousandCases:
    def test_what_leaves_is_what_the_design_lets_out_field_by_field(self) -> None:
        chance, met = random.Random(26), Counter[str]()
        for number in range(CASES):
            case = draw(POLICY, chance)
            released, may = leaves(case, POLICY), may_leave(case, POLICY)
            left = {group: set(fields) for group, fields in released.items()}
            assert left == may, number
            assert not {name for fields in left.values() for name in fields} & set(SMUGGLED)
            wrong = message_wrongs(case, released, may)
            assert not wrong, number
            met["messages"] += wrong is not None
            met[case.asked.recipient] += 1
            met["by a basis"] += any(each.holds(case.at) for each in case.history)
            met["nothing"] += not left
        # The draw reaches every row, open and shut cells, and bases that count.
        assert met.keys() >= set(POLICY.organisations)
        assert min(met.values()) > CASES / 100
        assert met["by a basis"] > CASES / 3
