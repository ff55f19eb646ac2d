"""Cases of one person: whom one of them bars, none of them is sent to, until they are two persons again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stafet.referrals.domain.board import Board
from stafet.referrals.domain.choosing import SAFETY_CONFLICT, candidates, choose
from stafet.referrals.domain.course import decide
from stafet.referrals.domain.state import Submission
from stafet_runtime.database import Database
from stafet_runtime.kin import KIND, MERGED, kin
from stafet_runtime.thing import Thing
from stafet_schemas.case import CaseErased, CaseErasedData
from stafet_schemas.deadline import DeadlineBreached, DeadlineSilenceData
from stafet_schemas.event import Event
from stafet_schemas.likeness import CaseMerged, CaseSplit, KinshipData
from stafet_schemas.step import StepReported, StepReportedData
from tests.fakes.book import FakeBook
from tests.services.referrals.choices import asked, board, rule, rules, unit
from tests.services.referrals.samples import NOON, Desk, Life, event_of, said, state
