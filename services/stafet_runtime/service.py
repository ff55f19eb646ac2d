"""What a service hands to the composition root, so that one process can run one of them or all."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter

from stafet_runtime.consumer import Subscription
from stafet_runtime.database import Database


@dataclass(frozen=True, slots=True)
class Service:
    """A composed service: its schema, what it consumes, what it serves and what it does by itself.

    `tasks` run until they are cancelled; `router` is mounted on the service's HTTP listener.
    """

    name: str
    database: Database
    subscription: Subscription | None = None
    router: APIRouter | None = None
    tasks: tuple[Callable[[], Awaitable[None]], ...] = ()
