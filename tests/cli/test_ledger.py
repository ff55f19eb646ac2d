"""`stafet ledger` on a vault's own database and files, and on a partner's machine that has neither."""

import asyncio
import re
from pathlib import Path

import pytest

from stafet.vault.keyfiles import LEDGER_PUBLIC, SEAL_PUBLIC, create_key_files
from stafet_cli.ledger import check_command, extend_command, prove_command, verify_command
from stafet_runtime.database import Database
from stafet_runtime.settings import HubSettings
from stafet_runtime.vaultport import VaultUnavailableError
from tests.cli.command import stafet
from tests.cli.terminal import Terminal
from tests.services.vault.ledgering import ALL, ROWS, Written, head_file, write
from tests.services.vault.opened import vault_of
from tests.services.vault.people import SECRETS


@pytest.fixture
async def written(settings: HubSettings, database: Database) -> Written:
    """A ledger with rows in it."""
    return await write(vault_of(settings.home, database))


@pytest.fixture
async def proof(settings: HubSettings, written: Written, terminal: Terminal, tmp_path: Path) -> Path:
    """A proof of one row, as it is sent to a partner."""
    path = tmp_path / "proof.json"
    code, _ = await terminal.run(prove_command(settings, written.disclosures[0], path, terminal.console))
    assert code == 0
    return path


class TestVerify:
    @pytest.mark.usefixtures("written")
    async def test_says_what_was_read(self, settings: HubSettings, terminal: Terminal) -> None:
        code, said = await terminal.run(verify_command(settings, terminal.console))
        assert code == 0
        assert said == f"{ALL} rows in 3 lanes, 0 in the tree; no tree head yet: all as written\n"

    async def test_names_what_is_wrong(
        self, settings: HubSettings, written: Written, terminal: Terminal, database: Database
    ) -> None:
        lane, name = written.first.case, written.disclosures[1]
        await database.pool.execute("update disclosures set part = 'status' where disclosure_id = $1", name)
        await database.pool.execute("update chains set entries = 9 where lane = $1", lane)
        code, said = await terminal.run(verify_command(settings, terminal.console))
        assert code == 1
        assert f"row 2 of lane {lane} (disclosure {name}): changed since it was written\n" in said
        assert f"rows {ROWS + 1} to 9 of lane {lane}: missing\n" in said
        assert ": 2 faults\nkeep the database" in said

    @pytest.mark.usefixtures("proof")
    async def test_names_tree_heads_and_leaves(
        self, settings: HubSettings, terminal: Terminal, database: Database
    ) -> None:
        await database.pool.execute("update tree_heads set root = sha256('x')")
        await database.pool.execute("update leaves set hash = sha256('x') where position = 1")
        await database.pool.execute("delete from leaves where position > 5")
        code, said = await terminal.run(verify_command(settings, terminal.console))
        assert code == 1
        assert f"the tree head over {ALL} rows was not signed by this hub, or was changed since\n" in said
        assert f"rows 6 to {ALL - 1} of the tree: missing\n" in said

    @pytest.mark.usefixtures("written")
    async def test_names_fifty_at_most(
        self, settings: HubSettings, terminal: Terminal, database: Database
    ) -> None:
        await database.pool.execute(
            "insert into disclosures select gen_random_uuid(), lane, number + 10 * step, case_id, referral, "
            "record_id, version, sender, recipient, purpose, part, policy, outcome, reason, groups, fields, "
            "delivery, attempt, at, prev_hash, hash, keyed, digest, stamp, bases "
            "from disclosures, generate_series(1, 10) step"
        )
        code, said = await terminal.run(verify_command(settings, terminal.console))
        assert code == 1
        assert re.search(r"\nand \d+ more\n", said)
        assert len(said.splitlines()) == 53


class TestProve:
    async def test_an_unknown_disclosure_has_none(
        self, settings: HubSettings, written: Written, terminal: Terminal, tmp_path: Path
    ) -> None:
        path = tmp_path / "proof.json"
        command = prove_command(settings, written.first.case, path, terminal.console)
        code, said = await terminal.run(command)
        assert (code, path.exists()) == (1, False)
        assert "its id stands in the event disclosure.made" in said


class TestExtend:
    @pytest.mark.usefixtures("proof")
    async def test_proves_that_nothing_was_changed(
        self, settings: HubSettings, terminal: Terminal, tmp_path: Path
    ) -> None:
        out, head = tmp_path / "extension.json", head_file(settings.home, ALL)
        code, _ = await terminal.run(extend_command(settings, head, out, terminal.console))
        assert code == 0
        code, said = check_command(out, "", terminal.console), terminal.said()
        assert code == 0
        assert f"nothing was changed or removed from {ALL} rows at " in said

    @pytest.mark.usefixtures("proof")
    async def test_a_ledger_without_that_head_is_smaller(
        self, settings: HubSettings, terminal: Terminal, database: Database, tmp_path: Path
    ) -> None:
        await database.pool.execute("delete from tree_heads")
        head = head_file(settings.home, ALL)
        code, said = await terminal.run(extend_command(settings, head, tmp_path / "x", terminal.console))
        assert (code, said) == (1, f"the ledger has fewer rows than {ALL}: run `stafet ledger verify`\n")

    async def test_what_is_no_head_is_refused(
        self, settings: HubSettings, proof: Path, terminal: Terminal
    ) -> None:
        with pytest.raises(VaultUnavailableError, match="no tree head"):
            await extend_command(settings, proof, proof, terminal.console)
        with pytest.raises(VaultUnavailableError, match="cannot be read"):
            await extend_command(settings, settings.home / "nothing", proof, terminal.console)


class TestCheck:
    def test_prints_what_is_proven_without_a_database(
        self, settings: HubSettings, written: Written, proof: Path, terminal: Terminal
    ) -> None:
        code = check_command(proof, str(settings.home / "keys" / LEDGER_PUBLIC), terminal.console)
        said = terminal.said()
        assert code == 0
        assert re.search(rf"row \d stands in the ledger of {ALL} rows at .* UTC\n", said)
        assert re.search(rf"  disclosure +{written.disclosures[0]}\n", said)
        assert re.search(r"  recipient +redcross\n", said)
        assert "compare the fingerprint" not in said
        assert not any(secret in said for secret in (*SECRETS, written.first.case))

    def test_without_a_key_it_asks_to_compare(self, proof: Path, terminal: Terminal) -> None:
        code, said = check_command(proof, "", terminal.console), terminal.said()
        fingerprint = re.findall(r"signed by ([0-9a-f-]{71})\n", said)
        assert (code, len(fingerprint)) == (0, 1)
        assert "compare the fingerprint" in said
        code, said = check_command(proof, fingerprint[0], terminal.console), terminal.said()
        assert (code, "compare" in said) == (0, False)

    def test_another_key_proves_nothing(self, proof: Path, terminal: Terminal, tmp_path: Path) -> None:
        other = create_key_files(tmp_path / "other")
        code, said = check_command(proof, str(other / LEDGER_PUBLIC), terminal.console), terminal.said()
        assert (code, said) == (1, "proof.json proves nothing: signed by another key than the one you gave\n")

    def test_a_changed_one_proves_nothing(self, proof: Path, terminal: Terminal) -> None:
        proof.write_text(proof.read_text().replace("redcross", "police"))
        code, said = check_command(proof, "", terminal.console), terminal.said()
        assert (code, said) == (1, "proof.json proves nothing: the row is not the one that the hub wrote\n")

    @pytest.mark.parametrize("key", [SEAL_PUBLIC, "nothing", "ledger_key"])
    def test_what_is_no_public_key_of_a_ledger_is_refused(
        self, settings: HubSettings, proof: Path, terminal: Terminal, key: str
    ) -> None:
        code = check_command(proof, str(settings.home / "keys" / key), terminal.console)
        assert (code, "with --key the hub's ledger_public" in terminal.said()) == (2, True)

    def test_a_missing_file_is_named(self, terminal: Terminal, tmp_path: Path) -> None:
        code = check_command(tmp_path / "nothing.json", "", terminal.console)
        assert (code, "give a proof file" in terminal.said()) == (2, True)

    async def test_of_an_erased_case_it_says_so(
        self, settings: HubSettings, written: Written, proof: Path, terminal: Terminal, database: Database
    ) -> None:
        await database.pool.execute("delete from case_keys")
        await prove_command(settings, written.disclosures[0], proof, terminal.console)
        terminal.said()
        code, said = check_command(proof, "", terminal.console), terminal.said()
        assert (code, "the key of its case was destroyed" in said) == (0, True)

    def test_a_file_does_not_steer_the_terminal(self, terminal: Terminal, tmp_path: Path) -> None:
        path = tmp_path / "\x1b[2J.json"
        path.write_text("{}")
        assert check_command(path, "", terminal.console) == 1
        assert "\x1b" not in terminal.said()


class TestCommand:
    async def test_verifies_proves_and_checks(
        self, settings: HubSettings, written: Written, tmp_path: Path
    ) -> None:
        named = {"STAFET_HOME": str(settings.home), "STAFET_POSTGRES": settings.postgres}
        out = tmp_path / "proof.json"
        proven = await asyncio.to_thread(
            stafet, "ledger", "prove", written.disclosures[0], "--out", str(out), **named
        )
        assert proven.code == 0
        assert (await asyncio.to_thread(stafet, "ledger", "verify", **named)).code == 0
        checked = await asyncio.to_thread(stafet, "ledger", "check", str(out))
        assert (checked.code, "stands in the ledger" in checked.said) == (0, True)
        head = str(head_file(settings.home, ALL))
        extended = await asyncio.to_thread(stafet, "ledger", "extend", head, "--out", str(out), **named)
        assert extended.code == 0

    def test_without_a_hub_it_says_what_to_do(self, tmp_path: Path) -> None:
        create_key_files(tmp_path)
        ended = stafet("ledger", "verify", STAFET_HOME=str(tmp_path))
        assert (ended.code, "start the hub with `stafet up`" in ended.said) == (2, True)

    def test_without_usable_settings_it_names_them(self, tmp_path: Path) -> None:
        ended = stafet("ledger", "verify", STAFET_HOME=str(tmp_path), STAFET_GATEWAY_PORT="x")
        assert (ended.code, "STAFET_GATEWAY_PORT" in ended.said) == (2, True)
