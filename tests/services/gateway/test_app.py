"""The gateway composed, and its settings."""

import pytest
from pydantic import ValidationError

from stafet.gateway.settings import GatewaySettings
from stafet_schemas.case import CaseErased
from stafet_schemas.inbound import MessageReceived
from stafet_schemas.referral import ReferralRefused, ReferralRouted
from stafet_sdk.xml import MAX_BYTES
from tests.services.gateway.serving import Gateway, partner


class TestBuild:
    def test_listens_to_what_was_received_and_serves_one_path(self, gateway: Gateway) -> None:
        service = gateway.service()
        assert service.subscription is not None
        assert service.subscription.topics == (
            "stafet-inbound-v1",
            "stafet-case-v1",
            "stafet-referral-v1",
        )
        assert list(service.subscription.routes) == [
            MessageReceived,
            CaseErased,
            ReferralRouted,
            ReferralRefused,
        ]
        assert service.router is not None
        assert [getattr(route, "path", "") for route in service.router.routes] == ["/agencies/{agency}/inbox"]

    def test_does_not_start_with_a_partner_nobody_can_speak_to(self, gateway: Gateway) -> None:
        gateway.partners["shelter"] = partner()
        with pytest.raises(KeyError, match="shelter"):
            gateway.service()


class TestSettings:
    def test_take_by_default_what_the_connectors_take(self) -> None:
        assert GatewaySettings().max_body_bytes == MAX_BYTES

    def test_come_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("STAFET_GATEWAY_BODY_SECONDS", "2.5")
        assert GatewaySettings().body_seconds == 2.5

    def test_allow_no_message_that_the_vault_would_refuse(self) -> None:
        with pytest.raises(ValidationError):
            GatewaySettings(max_body_bytes=5 * 1024 * 1024)
