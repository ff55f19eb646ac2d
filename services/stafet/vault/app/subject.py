"""Subject reports in this process: in the ledger first, then on the disk, for the owner only."""

from dataclasses import dataclass
from pathlib import Path

from stafet.vault.adapters.reveals import PostgresReveals
from stafet.vault.app.session import Session
from stafet.vault.domain.release import Block
from stafet.vault.handlers import reporting
from stafet.vault.handlers.reporting import Written, file_name
from stafet.vault.handlers.revealing import Refused
from stafet.vault.keyfiles.files import write_new


@dataclass(frozen=True, slots=True)
class Files:
    """Where a report is: the page for people, and the signed file for machines."""

    page: Path
    signed: Path


class Reporter:
    """Writes subject reports."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def report(
        self, case: str, language: str, by: str, second: str | None = None
    ) -> Written | Block | Refused:
        """Answer a person; nothing is on the disk yet.

        Raises:
            VaultUnavailableError: database or keys are out of reach.
        """
        policy = self._session.policy
        async with self._session.transaction() as unit:
            reveals, tools = PostgresReveals(unit.connection), self._session.tools(unit)
            return await reporting.report(case, language, by, policy, tools, reveals=reveals, second=second)


def write_files(report: Written, out: Path) -> Files:
    """Write both files of a report below a folder, which is made if it is not there.

    Raises:
        OSError: they cannot be written.
    """
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    signed = out / file_name(report.number)
    files = Files(signed.with_suffix(".html"), signed)
    write_new(files.page, report.page.encode())
    write_new(files.signed, report.text.encode())
    return files
