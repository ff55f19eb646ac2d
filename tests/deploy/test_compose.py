from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from stafet_runtime.settings import SERVICES
from tests.deploy import image
from tests.deploy.deployment import Deployment, Places, contents, deploying
from tests.deploy.run import (
    AGENCIES,
    RECEIVERS,
    REFERRALS,
    outbox_depths,
    recorded_at_console,
    running,
)

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return image.install(tmp_path_factory.mktemp("image"))


@pytest.fixture
async def deployment(
    installed: Path, tmp_path: Path, kafka: str, dsn: str, topic_prefix: str
) -> AsyncGenerator[Deployment]:
    servers = {"STAFET_KAFKA": kafka, "STAFET_POSTGRES": dsn, "STAFET_TOPIC_PREFIX": topic_prefix}
    async with deploying(Places(tmp_path, image.outside_environment(installed), servers)) as deployment:
        yield deployment


class TestDeployment:
    async def test_takes_referrals_to_their_end_also_when_dispatch_is_killed_and_stops_in_order(
        self, deployment: Deployment, dsn: str
    ) -> None:
        # One scenario and not three, because thirteen processes take minutes of a processor to start.
        await deployment.up()
        made = contents(deployment.places.files)
        async with running(deployment) as run:
            await run.until(lambda waiting: not waiting)
            calm = await run.judged()
            recorded = await recorded_at_console(deployment, dsn)
            await run.order_more()
            await run.until(lambda waiting: "deliveries in lanes" in waiting)
            await deployment.kill("dispatch")
            assert await run.waiting()
            await deployment.start("dispatch")
            await run.until(lambda waiting: not waiting)
            killed = await run.judged()

        assert (calm.problems, killed.problems) == ((), ())
        assert recorded == ("operator", "given", "ground")
        assert (calm.report.submitted, killed.report.submitted) == (REFERRALS, 2 * REFERRALS)
        assert 0 < calm.report.closed < killed.report.closed
        assert all(killed.report.agencies[each]["delivered"] > 0 for each in RECEIVERS)
        assert "made" in deployment.log("setup")
        assert "kept what is there" in deployment.log("setup")
        assert await deployment.down() == dict.fromkeys((*SERVICES, *AGENCIES), 0)
        assert await outbox_depths(dsn) == dict.fromkeys(SERVICES, 0)
        assert deployment.changed_read_only(made) == []
        assert deployment.written_outside_mounts() == []
