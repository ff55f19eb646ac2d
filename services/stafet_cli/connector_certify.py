"""`stafet connector certify`: a table of checks, a report as JSON, and the tier that was earned."""

import json
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stafet_cli.printing import safe
from stafet_sdk.certification.certify import Certificate
from stafet_sdk.certification.certify import certify as run_checks
from stafet_sdk.certification.check import Check, Finding
from stafet_sdk.certification.subject import NoSamplesError, find

WORDS: Final = {
    "passed": Text("passed", "green"),
    "failed": Text("failed", "bold red"),
    "not_applicable": Text("not applicable", "dim"),
    "skipped": Text("skipped", "dim"),
}


def certify_command(agency: str, report: Path | None, *, quick: bool, output: Console) -> int:
    """Certify and print; 0 if the connector is what its manifest claims, 1 if not, 2 if there is none."""
    try:
        subject = find(agency)
    except NoSamplesError as error:
        output.print(safe(str(error)), markup=False)
        return 2
    rows: list[tuple[Check, Finding]] = []
    with output.status("") as status:

        def told(check: Check, finding: Finding) -> None:
            rows.append((check, finding))
            status.update(f"{len(rows)} checks, {check.name}")

        certificate = run_checks(subject, quick=quick, told=told)
    output.print(_table(rows))
    said = [f"{check.name}: {text}" for check, finding in rows if (text := _said(finding))]
    for line in (*said, *_verdict(certificate)):
        output.print(safe(line), markup=False)
    if report is not None:
        report.write_text(json.dumps(certificate.as_json(), indent=2) + "\n", encoding="utf-8")
        output.print(safe(f"report: {report}"), markup=False)
    return 0 if certificate.ok else 1


def _table(rows: list[tuple[Check, Finding]]) -> Table:
    table = Table("check", "", box=None, pad_edge=False, header_style="")
    for check, finding in rows:
        table.add_row(check.name, WORDS[finding.state])
    return table


def _said(finding: Finding) -> str:
    """Say why, or what was measured; "" where there is nothing to say."""
    if finding.figures:
        return ", ".join(f"{name} {figure:,.0f}" for name, figure in finding.figures.items())
    return finding.said if finding.state in {"failed", "not_applicable"} else ""


def _verdict(certificate: Certificate) -> list[str]:
    count = {state: sum(each.state == state for each in certificate.findings) for state in WORDS}
    said = [", ".join(f"{number} {state.replace('_', ' ')}" for state, number in count.items() if number)]
    said += [
        f"only the agency can: {name.replace('_', ' ')} ({status})"
        for name, status in certificate.agency_lines.items()
    ]
    claimed = certificate.claimed or "nothing"
    if certificate.quick:
        said.append(
            f"{certificate.agency} {certificate.version}: --quick computes no tier; {claimed} is claimed"
        )
        if certificate.broken:
            said.append(f"not {claimed}: {', '.join(each.check for each in certificate.broken)}")
        return said
    said.append(f"{certificate.agency} {certificate.version}: earned {certificate.tier or 'no tier'}")
    missing = next((each for each in certificate.lacking.items() if each[1]), None)
    if missing is not None:
        said += [f"for {missing[0]}:", *(f"- {each}" for each in missing[1])]
    if certificate.overclaimed:
        said.append(f"the manifest claims {claimed}: do what is lacking, or set quality to what was earned")
    return said
