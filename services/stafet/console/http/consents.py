"""What an operator records of consent: handed to the vault."""

from typing import Final

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from stafet.console.http.bodies import AGAIN, problem, read_body, refused
from stafet.console.ports import ConsentDesk
from stafet_runtime.clock import Ids
from stafet_runtime.vaultport import ConsentOrder, ConsentRefusedError, VaultUnavailableError

OPERATOR: Final = "operator"
RETRY: Final = {"Retry-After": "5"}

Texts = tuple[str, ...]


class Statement(BaseModel):
    """The body: see `stafet_runtime.vaultport.ConsentOrder` for what the fields mean."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    statement: str
    basis: str = "consent"
    consent: str | None = None
    recipients: Texts = ()
    purposes: Texts = ()
    groups: Texts = ()
    at: AwareDatetime | None = None
    until: AwareDatetime | None = None
    language: str | None = None
    interpreter: bool = False
    how: str | None = None
    law: str | None = Field(default=None, max_length=300)
    by: str | None = Field(default=None, max_length=300)


class ConsentViews:
    """The one route; `desk` is None where this console was given no way to the vault."""

    def __init__(self, desk: ConsentDesk | None, ids: Ids) -> None:
        self._desk = desk
        self._ids = ids

    async def record(self, case: str, request: Request) -> Response:
        """Record a statement about a case; 200 with what changed, nothing if it stands so already."""
        said = await read_body(Statement, request)
        message = request.headers.get(AGAIN) or self._ids.new()
        return await self._tell(ConsentOrder(agency=OPERATOR, message=message, case=case, **dict(said)))

    async def _tell(self, order: ConsentOrder) -> Response:
        if self._desk is None:
            advice = "Give this console STAFET_VAULT_URL and the vault's token, or use `stafet consent`."
            return problem(503, "This console has no way to the vault", advice)
        try:
            record = await self._desk.record_consent(order)
        except ConsentRefusedError as error:
            return refused(error.problems)
        except VaultUnavailableError:
            advice = "Nothing was recorded. Try again in a few seconds; if it stays, run `stafet doctor`."
            return problem(503, "The vault does not answer", advice, headers=RETRY)
        return JSONResponse({"case": record.case, "consents": list(record.consents)})
