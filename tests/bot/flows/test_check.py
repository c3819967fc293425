"""Looking at a host."""

from __future__ import annotations

import pytest

from bot.errors import CutShort
from bot.flows.check import look
from tests.cases import SEED_AS_ROOT, captured
from tests.conversations.ops import Ops

WHOLE = captured(SEED_AS_ROOT)
CUT = WHOLE[: len(WHOLE) // 2]


@pytest.fixture
def ops() -> Ops:
    ops = Ops('[[host]]\nname = "web-1"')
    ops.hosts["web-1"].says("sh", WHOLE)
    return ops


def test_an_answer_without_an_end_is_asked_for_again(ops: Ops) -> None:
    ops.hosts["web-1"].says_first("sh", CUT, CUT)

    assert look(ops.ports, "web-1").host == "web-1"
    assert len(ops.hosts["web-1"].ran) == 3


def test_a_host_whose_answers_never_have_an_end_is_not_asked_for_ever(ops: Ops) -> None:
    ops.hosts["web-1"].says("sh", CUT)

    with pytest.raises(CutShort, match="ends in the middle"):
        look(ops.ports, "web-1")
    assert len(ops.hosts["web-1"].ran) == 3
