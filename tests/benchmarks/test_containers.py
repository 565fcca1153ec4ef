"""The cases of sorted containers undo what they do."""

from typing import Any

import pytest

from benchmarks.suites.containers_cases import CASES, Keys, contenders

KEYS = Keys.draw(1_000)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_leaves_what_it_found(case: Any) -> None:
    for name, held in contenders(case, KEYS)[0].items():
        before = None if callable(held) else list(held)  # what makes a container is called
        for _ in range(2):
            assert case.run(held, name, KEYS) > 0
            case.restore(held, name, KEYS)
        assert before is None or list(held) == before
