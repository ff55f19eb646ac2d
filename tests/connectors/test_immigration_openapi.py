"""The simulator is what the published OpenAPI document says, for requests that nobody thought of."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

import stafet_connectors.immigration
from tests.fakes.immigration_service import Service, running

DOCUMENT = Path(stafet_connectors.immigration.__file__).parent / "openapi.yaml"
EXAMPLES = 15
api: Any = schemathesis.openapi.from_path(str(DOCUMENT))  # pyright: ignore[reportUnknownMemberType] # half typed


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("immigration"), referrals=8) as found:
        yield found


@api.parametrize()  # type: ignore[untyped-decorator, unused-ignore] # schemathesis has no type for it
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_operation_keeps_its_contract(case: Any, service: Service) -> None:  # noqa: ANN401 - schemathesis' own
    certificate, key = service.certificate
    headers = {} if case.path == "/oauth/token" else service.authorised
    assert case.call_and_validate(
        base_url=service.url,
        headers=headers,
        cert=(str(certificate), str(key)),
        verify=str(service.authority),
    )
