"""Refuge, made as its page says: scaffolded, its four pieces written, installed; and a hub that knows it."""

import importlib
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from stafet.referrals.adapters.rulesfile import RULES
from stafet_cli.connector_new import record_golden, write
from stafet_cli.credentials import Wanted, create
from stafet_cli.demo.state import choose_ports
from stafet_connectors.police.simulator_forms import fill_form
from stafet_connectors.police.simulator_plan import Planned
from stafet_runtime.broker import create_topics
from stafet_runtime.settings import HubSettings
from stafet_schemas.topics import topics
from stafet_sdk.scaffold import Order
from tests.tutorial.neighbours import NAMED, endpoints
from tests.tutorial.neighbours import ports as private_ports
from tests.walk.police_desk import Desk
from tests.walk.police_desk import planned as sound_messages
from tests.walk.whole_hub import WholeHub

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/how-to/add-an-agency.md"
PIECES = ROOT / "docs/how-to/add-an-agency"
BY_HAND = ("manifest.toml", "mapping.py", "samples.py", "quality.toml")
ORDER = Order("refuge", "webhook", out_of_tree=True)


def make(root: Path) -> Path:
    """Follow the page up to its golden pairs; return the connector's folder."""
    write(ORDER, root)
    folder = root / ORDER.folder
    for name in BY_HAND:
        shutil.copy(PIECES / name, folder / name)
    shutil.rmtree(folder / "golden")
    record_golden(ORDER, root)
    return folder


def install(root: Path, site: Path) -> Path:
    """Have the project built and put into a folder by an installer that may fetch nothing."""
    command = [
        sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(site),
        "--python", sys.executable, "--no-deps", "--no-build-isolation", "--no-index", str(root),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, text=True)
    importlib.invalidate_caches()
    return site


def tell_the_hub(home: Path) -> dict[str, str]:
    """Write the operator's rules and policy with what the page adds; return the settings that name them."""
    found: dict[str, str] = {}
    for setting, source, added in (
        ("STAFET_REFERRALS_RULES", f"referrals/{RULES}", "rule.toml"),
        ("STAFET_VAULT_POLICY", "vault/policy.toml", "mandate.toml"),
    ):
        whole = (ROOT / "services/stafet" / source).read_text(encoding="utf-8")
        more = (PIECES / added).read_text(encoding="utf-8")
        own = home / Path(source).name
        each = "\n".join(more.replace("refuge", agency) for agency in sorted(NAMED))
        own.write_text(f"{_renamed(whole)}\n{each}", encoding="utf-8")
        found[setting] = str(own)
    return found


async def make_hub(home: Path, kafka: str, postgres: str, topic_prefix: str) -> WholeHub:
    """Make a hub with the police, Refuge and its neighbours."""
    ports = choose_ports()
    agency_ports = {"police": ports["police"], **private_ports()}
    create(home, Wanted(endpoints(agency_ports)))
    await create_topics(kafka, topics().values(), prefix=topic_prefix)
    own = {f"{name}_port": ports[name] for name in ("gateway", "console", "health")}
    settings = HubSettings.model_validate(
        {"home": home, "kafka": kafka, "postgres": postgres, "topic_prefix": topic_prefix, **own}
    )
    return WholeHub(home, settings, agency_ports)


def asking_for_a_bed() -> Iterator[Planned]:
    """Yield referrals of the police that ask for accommodation."""
    for planned in sound_messages(referrals=40):
        chance = random.Random(planned.choices)
        form = fill_form(planned.reference, planned.person, planned.profile, chance)
        if "Indkvartering" in form.itertext():
            yield planned


async def refer(desk: Desk, planned: Planned, receiver: str) -> str:
    """Let the police send a referral to a receiver; the code of the answer."""
    return (await desk.send(replace(planned, receiver=receiver))).code


def _renamed(text: str) -> str:
    """Give a file of the operator's a version of its own, as it must have."""
    return re.sub(r'^version = "(.*)"$', r'version = "\1-refuge"', text, count=1, flags=re.MULTILINE)
