"""Reporting: answer a person what the hub holds of it and who was given what; itself a disclosure."""

from dataclasses import dataclass

from stafet.vault.domain.release import Block
from stafet.vault.domain.reveal import REPORT, Ask, check_words
from stafet.vault.domain.subject import Record, Report, content_of, laws, report_text, signed_bytes
from stafet.vault.domain.subjectpage import page
from stafet.vault.domain.wording import Wording
from stafet.vault.handlers.granting import Granted, grant
from stafet.vault.handlers.revealing import Refused
from stafet.vault.handlers.tools import Tools
from stafet.vault.policy import Policy
from stafet.vault.ports.reveals import Reveals

ROLE = "data_protection"
PURPOSE = "subject_access"


@dataclass(frozen=True, slots=True, repr=False)
class Written:
    """A report as files: a number to name them by, the page for people and the signed text for machines."""

    number: str
    page: str
    text: str


async def report(
    case: str,
    language: str,
    by: str,
    policy: Policy,
    tools: Tools,
    *,
    reveals: Reveals,
    second: str | None = None,
) -> Written | Block | Refused:
    """Write a subject report in a language of `wording.LANGUAGES`.

    Raises:
        VaultUnavailableError: values do not open under the case's key.
    """
    today = tools.clock.now().date()
    role = policy.role(ROLE, today)
    groups = frozenset[str](role.groups) if role else frozenset[str]()
    ask = Ask(REPORT, ROLE, PURPOSE, "", by, groups, second=second)
    wrong = check_words(ask, policy, today)
    if wrong:
        return wrong
    granted = await grant(case, ask, policy, tools, reveals=reveals)
    if isinstance(granted, Block):
        return granted
    made = await _gather(granted, groups, policy, tools, reveals=reveals)
    content = content_of(made)
    shown = page(made, Wording(language, policy), file_name(made.number))
    signature = tools.keys.sign(signed_bytes(content, shown))
    return Written(made.number, shown, report_text(content, shown, tools.keys.public, signature))


def file_name(number: str) -> str:
    """Name the signed file of a report; nothing in it is of a person."""
    return f"subject-report-{number}.json"


async def _gather(
    granted: Granted, groups: frozenset[str], policy: Policy, tools: Tools, *, reveals: Reveals
) -> Report:
    case = granted.key.case
    history = await tools.consents.history(case)
    rows = await reveals.disclosed(case)
    return Report(
        number=granted.grant.reveal,
        at=granted.grant.at,
        policy=policy.version,
        records=tuple(Record(each.agency, each.at, each.values) for each in granted.records),
        withheld=tuple(sorted(await reveals.held(case) - groups)),
        disclosed=tuple((row, laws(row, policy, history)) for row in rows),
        bases=history,
    )
