"""The hub's SOAP endpoint over mutual TLS, called by zeep from our WSDL and from the published one."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from zeep.exceptions import Fault

from stafet_connectors.police.samples import form
from stafet_connectors.police.schema import FOLDER
from stafet_sdk.draft import AnswerDraft, ReferralDraft
from stafet_sdk.soap import Credentials
from stafet_sdk.xml import local_name
from tests.connectors.test_police_formats import PUBLISHED, needs_published
from tests.connectors.zeep_side import Security, hub_by
from tests.fakes.police_hub import IDENTIFIERS, PoliceHub, police_hub

TRANSACTION = "6b1f3a52-1111-4000-8000-00000000a009"
REFERRAL = "0190f6a0-0000-7000-8000-0000000000f2"
WSDLS = [
    pytest.param(FOLDER / "DistributionService.wsdl", id="ours"),
    pytest.param(
        PUBLISHED / "wsdl" / "context" / "DistributionService.wsdl", id="published", marks=needs_published
    ),
]


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncGenerator[PoliceHub]:
    """The connector behind a listener that asks for certificates."""
    async with police_hub(tmp_path) as served:
        yield served


def security_of(hub: PoliceHub) -> Security:
    """Take the police's own files and the hub's certificate."""
    own = hub.home / "simulators" / "police"
    credentials = Credentials((own / "key.pem").read_bytes(), (own / "certificate.pem").read_bytes())
    return Security(credentials, Credentials(b"", (own / "hub_certificate.pem").read_bytes()))


async def called(
    hub: PoliceHub, wsdl: Path, call: Callable[[Any], object], shows: str | None = "client_"
) -> Any:  # noqa: ANN401 - what zeep makes of an answer
    """Call the hub in a thread of its own, as zeep is synchronous."""
    security = security_of(hub)
    service = hub_by(wsdl, hub.home, f"{hub.url}/agencies/police/inbox", security, shows=shows)
    answer = await asyncio.to_thread(call, service)
    assert security.covered is not None
    assert {"Body", "Timestamp", "MessageID", "RelatesTo", "Action", "To"} <= security.covered
    return answer


def told(fault: Any) -> tuple[str, str]:  # noqa: ANN401 - zeep has no types
    """Say what a fault says, and what its detail is."""
    return str(fault.message), local_name(fault.detail[0])


def context(receiver: str, sender: str, routed: str) -> dict[str, object]:
    """Write a DistributionContext as plain values."""
    return {
        "AnvenderTransaktionsID": TRANSACTION,
        "AfsendendeMyndighed": IDENTIFIERS[sender],
        "RoutingMyndighed": IDENTIFIERS[routed],
        "RoutingValg": {"RoutingModtagerAktoer": IDENTIFIERS[receiver]},
    }


def order() -> dict[str, object]:
    """Write a referral as plain values."""
    formular = {
        "TitelTekst": "Henvisning",
        "FormatNavn": "XML",
        "FormularIndhold": b"",
        "FormularXML": {"_value_1": form()},
    }
    content = {
        "ID": TRANSACTION,
        "KLEEmneForslag": "00.00.00",
        "Meddelelse": {"FormularType": "Henvisning", "Formular": formular},
    }
    return {
        "DistributionContext": context("agency_redcross", "cvr", "hub_cvr"),
        "DistributionObject": {"ObjektType": "FORMULAR", "ObjektIndhold": {"DistributionFormular": content}},
    }


@pytest.mark.parametrize("wsdl", WSDLS)
class TestEveryOperation:
    async def test_a_referral_is_accepted_and_receipted(self, hub: PoliceHub, wsdl: Path) -> None:
        answer = await called(hub, wsdl, lambda service: service.FordelingsobjektAfsend(anmodning=order()))
        assert answer.ForretningsKvittering.ForretningsValideringsKode == "MODTAGET"
        assert answer.DistributionContext.DistributionTransktionsID == TRANSACTION
        assert isinstance(hub.drafts()[TRANSACTION], ReferralDraft)

    async def test_a_receipt_is_accepted(self, hub: PoliceHub, wsdl: Path) -> None:
        said = {"ForretningsValideringsKode": "ACCEPTERET", "Kvitteringstype": "Forretning"}
        about = {**context("uuid", "hub_cvr", "cvr"), "AnvenderTransaktionsID": REFERRAL}
        await called(
            hub,
            wsdl,
            lambda service: service.FordelingskvitteringModtag(
                Forretningskvittering=said, DistributionContext=about
            ),
        )
        assert list(hub.drafts().values()) == [AnswerDraft(REFERRAL, "accepted")]

    async def test_receivers_are_listed(self, hub: PoliceHub, wsdl: Path) -> None:
        routing = {
            "AfsendendeMyndighed": IDENTIFIERS["cvr"],
            "RoutingMyndighed": IDENTIFIERS["hub_cvr"],
            "RoutingKLEEmne": "29.00.00",
        }
        answer = await called(hub, wsdl, lambda service: service.FordelingsmodtagerList(Routing=routing))
        assert [each.SystemNavn for each in answer] == ["redcross", "hub"]

    async def test_receivers_are_validated(self, hub: PoliceHub, wsdl: Path) -> None:
        routing = [
            {"RoutingMyndighed": IDENTIFIERS["hub_cvr"], "RoutingModtagerAktoer": IDENTIFIERS[name]}
            for name in ("agency_redcross", "uuid")
        ]
        answer = await called(
            hub,
            wsdl,
            lambda service: service.FordelingsmodtagerValider(
                AfsendendeMyndighed=IDENTIFIERS["cvr"], RoutingListe={"Routing": routing}
            ),
        )
        assert [each.KanModtage for each in answer] == [True, False]

    async def test_a_refusal_is_the_declared_fault(self, hub: PoliceHub, wsdl: Path) -> None:
        with pytest.raises(Fault) as caught:
            await called(
                hub,
                wsdl,
                lambda service: service.FordelingsmodtagerValider(
                    AfsendendeMyndighed="87654321",
                    RoutingListe={
                        "Routing": [
                            {
                                "RoutingMyndighed": IDENTIFIERS["hub_cvr"],
                                "RoutingModtagerAktoer": IDENTIFIERS["uuid"],
                            }
                        ]
                    },
                ),
            )
        assert told(caught.value) == ("unknown_sender", "TransportKvittering")


class TestMutualTls:
    @pytest.mark.parametrize(
        ("shows", "code"),
        [
            (None, "client_certificate_missing"),
            ("tls_", "client_certificate_unknown"),
            ("expired_client_", "client_certificate_expired"),
        ],
    )
    async def test_a_wrong_certificate_gets_a_clear_fault(
        self, hub: PoliceHub, shows: str | None, code: str
    ) -> None:
        with pytest.raises(Fault) as caught:
            await called(
                hub,
                FOLDER / "DistributionService.wsdl",
                lambda service: service.FordelingsobjektAfsend(anmodning=order()),
                shows,
            )
        assert told(caught.value) == (code, "TransportKvittering")
        assert hub.contents == {}

    async def test_one_of_another_authority_gets_no_further_than_tls(self, hub: PoliceHub) -> None:
        with pytest.raises(requests.exceptions.ConnectionError):
            await called(
                hub,
                FOLDER / "DistributionService.wsdl",
                lambda service: service.FordelingsobjektAfsend(anmodning=order()),
                "stranger_",
            )
        assert hub.untrusted == ["certificate"]
        assert hub.outcomes == []
