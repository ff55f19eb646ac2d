"""The same facts as the pages, as JSON, for `stafet trace` and for tests."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from stafet.console.domain.capacity import Capacity
from stafet.console.domain.details import details
from stafet.console.domain.progress import ReferralProgress
from stafet.console.domain.standing import Mark, ladder, marks, state_of
from stafet.console.domain.threads import Thread, clocks, decisions, things
from stafet.console.domain.tree import Chain, Row
from stafet.console.domain.words import agency_name, describe
from stafet.console.ports import Attention, CaseSummary, Overview

SEPARATOR: Final = "~"


def list_json(overview: Overview) -> dict[str, Any]:
    """Return one page of the list; `next` is the value of `before` for the page after it, or null."""
    return {
        "total": overview.total,
        "stopped": overview.stopped,
        "waiting": overview.waiting,
        "parked": overview.parked,
        "cases": [_summary_json(each) for each in overview.cases],
        "next": cursor(overview.cases[-1]) if overview.more else None,
    }


def case_json(summary: CaseSummary, found: Sequence[Chain]) -> dict[str, Any]:
    """Return a case with its events in the order of the chains.

    `parent` and `depth` make the tree, `gap_ms` is the time since the cause (milliseconds). `shown` is less
    than `events_total` when only the newest are given.
    """
    rows = [row for chain in found for row in chain.rows]
    return {
        **_summary_json(summary),
        "events_total": summary.events,
        "shown": len(rows),
        "referrals": [_referral_json(name, each) for name, each in summary.progress.referrals.items()],
        "clocks": [_thread_json(each) for each in clocks(summary.progress.threads)],
        "decisions": [_thread_json(each) for each in decisions(summary.progress.threads)],
        "things": [_thread_json(each) for each in things(summary.progress.threads)],
        "events": [_row_json(row) for row in rows],
    }


def capacities_json(capacities: Sequence[Capacity], now: datetime) -> dict[str, Any]:
    """Return the newest word of each unit; `stale` says that it is too old to rely on."""
    return {
        "capacities": [
            {**asdict(each), "at": each.at.isoformat(), "stale": each.is_stale(now)} for each in capacities
        ]
    }


def attention_json(attention: Attention) -> dict[str, Any]:
    """Return what needs somebody now; `total` is more than are given where there are too many for a page."""
    wanted = [{"case": each.case, **_mark_json(each.mark)} for each in attention.wanted]
    return {"total": attention.total, "wanted": wanted}


def cursor(summary: CaseSummary) -> str:
    """Return the value of `before` that asks for the cases older than this one."""
    return f"{summary.opened.isoformat()}{SEPARATOR}{summary.case}"


def _summary_json(summary: CaseSummary) -> dict[str, Any]:
    progress = summary.progress
    return {
        "case": summary.case,
        "state": state_of(progress),
        "agencies": list(progress.agencies),
        "opened": summary.opened.isoformat(),
        "last": summary.last.isoformat(),
        "last_step": progress.last.text,
        "events_total": summary.events,
        "trouble": [_mark_json(each) for each in marks(progress)],
    }


def _mark_json(mark: Mark) -> dict[str, Any]:
    return {
        "level": mark.level.name.lower(),
        "kind": mark.kind,
        "text": mark.text,
        "since": mark.since.isoformat(),
        "remedy": mark.remedy,
    }


def _thread_json(thread: Thread) -> dict[str, Any]:
    return {
        "kind": thread.kind,
        "title": thread.title,
        "about": thread.about,
        "text": thread.text,
        "at": thread.at.isoformat(),
        "agency": thread.agency,
        "due": thread.due and thread.due.isoformat(),
        "details": list(thread.details),
    }


def _referral_json(name: str, referral: ReferralProgress) -> dict[str, Any]:
    return {
        "referral": name,
        "sender": referral.sender,
        "receiver": referral.receiver,
        "placer": referral.placer,
        "state": referral.state,
        "reason": referral.reason,
        "ladder": [{"state": each.state, "at": each.at and each.at.isoformat()} for each in ladder(referral)],
    }


def _row_json(row: Row) -> dict[str, Any]:
    step = row.step
    return {
        "id": step.id,
        "type": step.type,
        "topic": step.topic,
        "time": step.time.isoformat(),
        "recorded": step.recorded.isoformat(),
        "source": step.source,
        "correlation": step.correlation,
        "causation": step.causation,
        "parent": row.parent,
        "depth": row.depth,
        "gap_ms": None if row.gap is None else row.gap.total_seconds() * 1000,
        "text": describe(step),
        "details": list(details(step)),
        "agency": step.agency,
        "agency_name": agency_name(step.agency) if step.agency else None,
        "referral": step.referral,
        "rung": step.rung,
        "reason": step.reason,
        "part": step.part,
        "data": dict(step.data),
    }
