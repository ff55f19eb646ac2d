"""An immigration service that refers a person itself, decides, and takes the decision back."""

from dataclasses import dataclass, field
from datetime import date

from stafet_connectors.immigration import connector
from stafet_connectors.immigration.samples import fetched, other_item, partner
from stafet_runtime.database import Database
from stafet_schemas.identification import IdentificationEvent
from stafet_schemas.inbound import MessageRejected
from stafet_schemas.referral import ReferralSubmitted, ReferralSubmittedData
from stafet_sdk.certification.samples import NOW
from tests.fakes.clock import FakeClock
from tests.fakes.ids import FakeIds
from tests.fakes.vault import FakeVault
from tests.services.gateway.serving import Gateway

AGENCY = "immigration"
DECISION, REVERSAL = "AFG-0815-gaxi", "AFG-0816-gaxi"
MANDATED = date(2026, 1, 1)


def gateway_of(database: Database) -> Gateway:
    """Compose a gateway to which the immigration service is known, with the mandate since MANDATED."""
    vault = FakeVault(identifying={AGENCY: MANDATED})
    gateway = Gateway(database, FakeClock(NOW), FakeIds(), vault, partners={AGENCY: partner()})
    gateway.connectors[AGENCY] = connector
    return gateway


@dataclass
class Authority:
    """The service as its items come to the gateway; every item has an id of its own."""

    gateway: Gateway
    items: int = field(default=0)

    async def take(self, name: str, **changes: object) -> None:
        """Have an item fetched and accepted, but not yet translated."""
        self.items += 1
        named = {"itemId": f"item-{self.items:08}", **changes}
        await self.gateway.accept(fetched(other_item(name, **named)), sender=AGENCY)

    async def refer(self, case_number: str = "US-1") -> ReferralSubmittedData:
        """Refer a person; return what the hub makes of it."""
        await self.take("suspected", data__caseNumber=case_number)
        await self.gateway.translate()
        return (await self.gateway.events(ReferralSubmitted))[-1].data

    async def decide(self, referral: str, **changes: object) -> None:
        """Decide about a referral under the id DECISION, unless told otherwise."""
        said = {"data__referralId": referral, "data__decisionId": DECISION, **changes}
        await self.take("decision", **said)

    async def reverse(self, referral: str, **changes: object) -> None:
        """Take DECISION back."""
        said = {
            "data__referralId": referral,
            "data__decisionId": REVERSAL,
            "data__reverses": DECISION,
            **changes,
        }
        await self.take("reversal", **said)

    async def told(self) -> list[IdentificationEvent]:
        """Translate all that was accepted; return what was told of decisions."""
        await self.gateway.translate()
        return await self.gateway.events(IdentificationEvent)

    async def problems(self) -> list[tuple[str, str]]:
        """Translate all that was accepted; return what was wrong with it."""
        await self.gateway.translate()
        rejected = await self.gateway.events(MessageRejected)
        return [(each.field, each.problem) for event in rejected for each in event.data.problems]
