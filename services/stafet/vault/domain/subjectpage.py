"""A subject report for people: one page of HTML that loads nothing, every value escaped."""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from typing import Final

from stafet.vault.domain.consent import Version
from stafet.vault.domain.subject import Disclosed, Record, Report
from stafet.vault.domain.wording import Wording
from stafet_schemas.groups import CODED, Group

ORDER: Final = (Group.IDENTITY, Group.CONTACT, Group.NARRATIVE)
"""What a person looks for first; the other groups follow as they come."""

HEAD: Final = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; margin: 0 0 1rem; }}
th, td {{ text-align: start; vertical-align: top; padding: .25rem .75rem .25rem 0;
  border-bottom: 1px solid #999; overflow-wrap: break-word; hyphens: auto; }}
th[scope=row] {{ width: 14rem; }}
th[scope=row] + td {{ overflow-wrap: anywhere; hyphens: manual; }}
td:first-child {{ white-space: nowrap; }}
h4 {{ margin: 1rem 0 .25rem; }}
</style>
</head>
<body>"""


def page(report: Report, words: Wording, file: str) -> str:
    """Write the page; `file` is the name of the signed file beside it."""
    lines = [
        HEAD.format(language=words.language, title=escape(words.text("title"))),
        f"<h1>{escape(words.text('title'))}</h1>",
        _paragraph(words.text("intro")),
        *_facts(report, words),
        f"<h2>{escape(words.text('data'))}</h2>",
        *(line for each in report.records for line in _record(each, words)),
        *([] if report.records else [_paragraph(words.text("nothing"))]),
        *_withheld(report, words),
        _paragraph(words.text("raw")),
        f"<h2>{escape(words.text('shared'))}</h2>",
        *_disclosed(report, words),
        f"<h2>{escape(words.text('bases'))}</h2>",
        *_bases(report, words),
        *(_paragraph(words.text(name)) for name in ("staff", "kept", "rights")),
        _paragraph(words.text("signed", file=file)),
        "</body>\n</html>\n",
    ]
    return "\n".join(lines)


def _facts(report: Report, words: Wording) -> Iterator[str]:
    facts = {"made": words.time(report.at), "number": report.number, "policy": report.policy}
    yield from _table((), ((words.text(name), said) for name, said in facts.items()))


def _record(record: Record, words: Wording) -> Iterator[str]:
    source = words.text("from", agency=words.party(record.agency), at=words.time(record.at))
    yield f"<h3>{escape(source)}</h3>"
    groups = sorted(record.values, key=lambda each: ORDER.index(each) if each in ORDER else len(ORDER))
    for group in groups:
        yield f"<h4>{escape(words.word('group', group).capitalize())}</h4>"
        yield from _table(
            (),
            (
                (words.word("field", name), words.value(value, coded=group in CODED))
                for name, value in record.values[group].items()
            ),
        )


def _withheld(report: Report, words: Wording) -> Iterator[str]:
    if report.withheld:
        groups = ", ".join(words.word("group", each) for each in report.withheld)
        yield _paragraph(words.text("withheld", groups=groups))


def _disclosed(report: Report, words: Wording) -> Iterator[str]:
    head = tuple(words.text(name) for name in ("when", "who", "purpose", "part", "what", "basis"))
    rows = [_disclosure(row, cited, words) for row, cited in report.disclosed]
    yield from _table(head, rows) if rows else (_paragraph(words.text("nothing")),)


def _disclosure(row: Disclosed, cited: tuple[str, ...], words: Wording) -> tuple[str, ...]:
    return (
        words.time(row.at),
        words.party(row.recipient),
        words.purpose(row.purpose),
        words.word("part", row.part),
        "; ".join(_fields(row.fields, words)) or "\N{EN DASH}",
        "; ".join(map(words.law, cited)) or words.text("by_policy", policy=row.policy),
    )


def _fields(fields: Iterable[str], words: Wording) -> Iterator[str]:
    """Write `group.field` names by group: `Identity: first name, last name`."""
    for group, names in groupby(sorted(fields), key=lambda each: each.partition(".")[0]):
        said = ", ".join(words.word("field", each.partition(".")[2]) for each in names)
        yield f"{words.word('group', group).capitalize()}: {said}"


def _bases(report: Report, words: Wording) -> Iterator[str]:
    rows = [_basis(each, words) for each in report.bases]
    head = tuple(words.text(name) for name in ("when", "basis", "who", "purpose", "what"))
    yield from _table(head, rows) if rows else (_paragraph(words.text("nothing")),)


def _basis(version: Version, words: Wording) -> tuple[str, ...]:
    scope = version.scope
    until = words.text("until", at=words.time(scope.until)) if scope.until else words.text("open_ended")
    said = (
        words.word("basis", version.basis),
        words.word("statement", version.statement),
        until,
        words.word("code", version.how) if version.how else None,
        version.law and words.law(version.law),
    )
    return (
        words.time(version.valid_from),
        ", ".join(each for each in said if each),
        ", ".join(words.party(each) for each in sorted(scope.recipients)),
        "; ".join(words.purpose(each) for each in sorted(scope.purposes)),
        ", ".join(words.word("group", each) for each in sorted(scope.groups)),
    )


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Write a table; without a head the first column names the second."""
    yield "<table>"
    if head:
        yield "<tr>" + "".join(f'<th scope="col">{escape(each)}</th>' for each in head) + "</tr>"
    for row in rows:
        first, *rest = (escape(each) for each in row)
        opening = f"<td>{first}</td>" if head else f'<th scope="row">{first}</th>'
        yield f"<tr>{opening}" + "".join(f'<td dir="auto">{each}</td>' for each in rest) + "</tr>"
    yield "</table>"
