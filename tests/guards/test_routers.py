import pytest

from tests.guards.rules.routers import OPEN, open_routers
from tests.guards.rules.tree import ROOT, modules, parsed


class TestRouters:
    def test_ask_who_is_there(self) -> None:
        assert [said for module in modules("services") for said in open_routers(module)] == []

    def test_are_open_only_where_the_list_says(self) -> None:
        assert [path for path in OPEN if not (ROOT / path).is_file()] == []


class TestTheRuleItself:
    @pytest.mark.parametrize(
        "line",
        [
            "router = APIRouter()",
            'router = fastapi.APIRouter(prefix="/agencies")',
            "router = APIRouter(dependencies=[])",
            'app.add_api_route("/", page)',
            'app.mount("/static", files)',
            '@app.get("/")\ndef page(): ...',
        ],
    )
    def test_catches(self, line: str) -> None:
        assert len(open_routers(parsed(line))) == 1

    @pytest.mark.parametrize(
        "line", ["router = APIRouter(dependencies=[Depends(operator)])", "app.include_router(router)"]
    )
    def test_lets_pass(self, line: str) -> None:
        assert open_routers(parsed(line)) == []
