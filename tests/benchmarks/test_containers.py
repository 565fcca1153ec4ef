"""The benchmark of sorted containers runs, undoes what it does, and says what is missed."""

from typing import Any

import pytest

from benchmarks import containers
from benchmarks.containers_cases import CASES, Keys, contenders

KEYS = Keys.draw(1_000)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_leaves_what_it_found(case: Any) -> None:
    for name, held in contenders(case, KEYS).items():
        before = None if callable(held) else list(held)  # what makes a container is called
        for _ in range(2):
            assert case.run(held, name, KEYS) > 0
            case.restore(held, name, KEYS)
        assert before is None or list(held) == before


def test_a_floor_that_is_missed_is_named() -> None:
    row = containers.Row(1_000_000, "add", 10.0, {"BTrees": 15.0}, {"BTrees": (2.0, 3.0)})
    assert containers.line(row) == "| add | 10.0 | BTrees 15.0: 1.50x (floor 2, aim 3: MISSED) |"
    met = row._replace(ours=5.0)
    assert "3.00x (floor 2, aim 3: met)" in containers.line(met)


def test_rounds_are_counted_and_medians_taken() -> None:
    row = containers.measure(CASES[0], KEYS, rounds=3, seconds=60)
    assert row.ours > 0
    assert set(row.rivals) <= {"sortedcontainers", "BTrees"}
