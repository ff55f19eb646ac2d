"""The page of state machines: each drawn from the very table that decides."""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stafet_runtime.machine import Machine

SERVICES: Final = ("referrals", "identification", "support", "contacts", "vault")

HEAD: Final = """# State machines
What referrals, interviews, periods, stays, children's notices, returns and contacts go through. Each is
drawn from the table that its service decides by (`services/stafet/<service>/domain/machines.py`); what the
table does not allow is refused with a reason. Property tests walk each at random, with repeated and late
steps.
"""


def machines_page() -> str:
    """Draw all machines, by service."""
    parts = [HEAD.rstrip()]
    for service in SERVICES:
        machines: tuple[Machine, ...] = import_module(f"stafet.{service}.domain.machines").MACHINES
        parts.append(f"## {service.capitalize()}")
        for each in machines:
            ends = ", ".join(sorted(each.ends)) or "none"
            title = each.name.replace("_", " ").capitalize()
            parts.append(f"### {title}\nEnds: {ends}.\n\n```mermaid\n{each.mermaid()}\n```")
    return "\n\n".join(parts) + "\n"
