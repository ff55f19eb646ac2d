"""The store of the policies that were used."""

from datetime import datetime
from typing import Protocol


class Policies(Protocol):
    """Which text each version of the policy had."""

    async def record(self, version: str, digest: str, at: datetime) -> str:
        """Record a version with its digest, unless it is known; return the digest that it is known by."""
        ...
