"""The vault's port over HTTPS, for a service in its own process. Whatever goes wrong, nothing is released."""

import asyncio
import ssl
from collections.abc import Collection
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Final, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from stafet_runtime.vaultport import (
    ConsentOrder,
    ConsentRecord,
    ConsentRefusedError,
    DisclosureBlockedError,
    Registration,
    ReleaseRequest,
    StoredRecord,
    VaultUnavailableError,
)
from stafet_runtime.vaultwire import (
    PREFIX,
    ConsentOrderWire,
    ConsentRecordWire,
    MandateQueryWire,
    MandateWire,
    OpenedWire,
    Problem,
    RegistrationWire,
    ReleaseRequestWire,
    ReleaseWire,
    SealedWire,
    SealKeyQueryWire,
    SealKeyWire,
    StoredRecordWire,
)
from stafet_sdk.draft import Release

DEADLINE_S: Final = 10.0
UNUSABLE: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
)
Answer = TypeVar("Answer", bound=BaseModel)


class HttpVault:
    """The `Vault` port by calls to `/vault/v1`; close it when done."""

    def __init__(self, client: httpx.AsyncClient, deadline_s: float = DEADLINE_S) -> None:
        self._client = client
        self._deadline_s = deadline_s

    async def open_message(self, sealed: bytes, context: bytes) -> bytes:
        """Open raw bytes that were sealed to the vault; see the port."""
        return (await self._call("open", SealedWire(sealed=sealed, context=context), OpenedWire)).raw

    async def renew_seal_key(self, in_use: Collection[bytes]) -> bytes:
        """Ask which key to seal to; see the port."""
        body = SealKeyQueryWire(in_use=tuple(in_use))
        return (await self._call("seal-key", body, SealKeyWire)).public

    async def register(self, registration: Registration) -> StoredRecord:
        """Store a message's values; see the port."""
        body = RegistrationWire(registration=registration)
        return (await self._call("register", body, StoredRecordWire)).stored

    async def record_consent(self, order: ConsentOrder) -> ConsentRecord:
        """Record what was said about consent; see the port."""
        return (await self._call("consent", ConsentOrderWire(order=order), ConsentRecordWire)).record

    async def may_identify(self, agency: str, on: date) -> bool:
        """Ask for an agency's mandate; see the port."""
        return (await self._call("mandate", MandateQueryWire(agency=agency, on=on), MandateWire)).identifies

    async def release(self, request: ReleaseRequest) -> Release:
        """Ask what a recipient may see; see the port."""
        return (await self._call("release", ReleaseRequestWire(request=request), ReleaseWire)).release

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _call(self, operation: str, body: BaseModel, kind: type[Answer]) -> Answer:
        try:
            async with asyncio.timeout(self._deadline_s):
                answer = await self._client.post(f"{PREFIX}/{operation}", content=body.model_dump_json())
        except (httpx.HTTPError, OSError) as error:
            what = f"the vault does not answer {operation} ({type(error).__name__})"
            raise VaultUnavailableError(
                f"{what}: check its address, certificate and health, then try again"
            ) from None
        if answer.status_code != HTTPStatus.OK:
            raise _failure(operation, answer)
        try:
            return kind.model_validate_json(answer.content)
        except ValidationError:
            raise VaultUnavailableError(
                f"the vault's answer to {operation} is not the vault's: check its address"
            ) from None


def open_vault(url: str, token: str, authorities: Path, deadline_s: float = DEADLINE_S) -> HttpVault:
    """Connect to a vault at an https address, trusting only the certificate authorities in a PEM file.

    Raises:
        ValueError: the address is not https.
        OSError: the authorities' file cannot be read.
    """
    if not url.startswith("https://"):
        raise ValueError("the vault is spoken to by https only: give its https address")
    context = ssl.create_default_context(cafile=authorities)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    client = httpx.AsyncClient(
        base_url=url, headers=headers, verify=context, timeout=deadline_s, trust_env=False
    )
    return HttpVault(client, deadline_s)


def _failure(operation: str, answer: httpx.Response) -> Exception:
    try:
        problem = Problem.model_validate_json(answer.content)
    except ValidationError:
        problem = Problem(code=f"http_{answer.status_code}", detail="")
    if answer.status_code == HTTPStatus.CONFLICT and problem.reason:
        return DisclosureBlockedError(problem.reason)
    if answer.status_code == HTTPStatus.CONFLICT and problem.problems:
        return ConsentRefusedError(*problem.problems)
    said = f"the vault answered {operation} with {answer.status_code} {problem.code}"
    if answer.status_code in UNUSABLE:
        return ValueError(f"{said}: {', '.join(problem.fields) or problem.detail}")
    remedy = (
        "give this service the vault's token"
        if answer.status_code == HTTPStatus.UNAUTHORIZED
        else problem.detail
    )
    return VaultUnavailableError(f"{said}: {remedy or 'see the log of the vault'}")
