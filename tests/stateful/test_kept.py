"""What failed once is tried first the next time."""

from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.stateful.kept import run


def test_what_failed_is_tried_first_the_next_time(tmp_path: Path) -> None:
    tried: list[int] = []

    class Picky(RuleBasedStateMachine):
        @rule(number=st.integers(0, 2**40))
        def take(self, number: int) -> None:
            tried.append(number)
            assert number < 2**30

    for _ in range(2):
        tried.clear()
        with pytest.raises(AssertionError):
            run(Picky, tmp_path, 200, 20)
    assert tried[0] == 2**30
