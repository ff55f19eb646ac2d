"""10,000 random cases: nothing leaves that the design does not let out, and all that it does."""

import random
from collections import Counter

from stafet.vault.adapters.policyfile import load_policy
from tests.services.vault.randomcases import SMUGGLED, draw, everybody, leaves, may_leave

CASES = 10_000
POLICY = everybody(load_policy())


class TestTenThousandCases:
    def test_what_leaves_is_what_the_design_lets_out_field_by_field(self) -> None:
        chance, met = random.Random(26), Counter[str]()
        for number in range(CASES):
            case = draw(POLICY, chance)
            left = {group: set(fields) for group, fields in leaves(case, POLICY).items()}
            assert left == may_leave(case, POLICY), number
            assert not {name for fields in left.values() for name in fields} & set(SMUGGLED)
            met[case.asked.recipient] += 1
            met["by a basis"] += any(each.holds(case.at) for each in case.history)
            met["nothing"] += not left
        # The draw reaches every row, open and shut cells, and bases that count.
        assert met.keys() >= set(POLICY.organisations)
        assert min(met.values()) > CASES / 100
        assert met["by a basis"] > CASES / 3
