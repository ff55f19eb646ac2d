"""Numbers of people all the way: the police's form, the vault on a real database, Red Cross's event."""

import json
from typing import Any

import pytest

from stafet.vault.app.local import LocalVault
from stafet_connectors.police import connector as police
from stafet_connectors.police.samples import body_of, form, partner, saying
from stafet_connectors.redcross import connector as redcross
from stafet_connectors.redcross.samples import PARTNER
from stafet_runtime.vaultport import Registration
from stafet_sdk.certification.samples import NOW
from stafet_sdk.draft import ReferralDraft
from tests.services.vault.people import request

NUMBER, OTHERS = "prs_IdentityNumber", "stafet_identity_identifiers"
FOREIGNER = {"scheme": "foreigner_number", "value": "AS-1203456", "use": "official"}


async def sent(vault: LocalVault, body: bytes) -> dict[str, Any]:
    """Refer the person of a police message and return what Red Cross gets of it."""
    draft = police.to_hub(body, partner())
    assert isinstance(draft, ReferralDraft)
    stored = await vault.register(
        Registration("police", "receipt-1", "placer-1", draft.reference, draft.values, body)
    )
    release = await vault.release(request(stored))
    found: dict[str, Any] = json.loads(redcross.from_hub(release, PARTNER, NOW).body)["data"]
    return found


class TestNumbersOfPeople:
    # The first of them has a check digit; the others have none.
    @pytest.mark.parametrize("number", ["010165-0006", "150911-0333", "1509110333"])
    async def test_a_cpr_number_goes_through_whatever_its_check_digit(
        self, vault: LocalVault, number: str
    ) -> None:
        data = await sent(vault, body_of(saying("Personnummer", number)))
        assert data[NUMBER].replace("-", "") == number.replace("-", "")
        assert data[OTHERS] == [FOREIGNER]

    async def test_a_replacement_number_is_no_identity_number(self, vault: LocalVault) -> None:
        data = await sent(vault, body_of(saying("Personnummer", "0703921VJ4")))
        assert NUMBER not in data
        assert data[OTHERS] == [
            {"scheme": "replacement_cpr", "value": "070392-1VJ4", "use": "temporary"},
            FOREIGNER,
        ]

    async def test_somebody_anonymous_stays_so(self, vault: LocalVault) -> None:
        data = await sent(vault, body_of(saying("Personnummer", "000000-0000")))
        assert NUMBER not in data
        assert data[OTHERS][0]["use"] == "anonymous"

    async def test_somebody_without_any_number_is_referred_all_the_same(self, vault: LocalVault) -> None:
        data = await sent(vault, body_of(form("minimal")))
        assert data.keys().isdisjoint({NUMBER, OTHERS})
        assert data["prs_FirstName"]
