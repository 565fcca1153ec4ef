"""The cases of sorted containers undo what they do."""

from typing import Any

import pytest

from benchmarks.suites import containers_cases, containers_text
from benchmarks.suites.containers_cases import Keys, contenders

NUMBERS, TEXT = Keys.draw(1_000), containers_text.drawn(1_000)
CASES = [(case, NUMBERS) for case in containers_cases.CASES]
CASES += [(case, TEXT) for case in containers_text.CASES]


@pytest.mark.parametrize(("case", "keys"), CASES, ids=lambda one: getattr(one, "name", None))
def test_every_case_leaves_what_it_found(case: Any, keys: Keys) -> None:
    for name, held in contenders(case, keys)[0].items():
        before = None if callable(held) else list(held)  # what makes a container is called
        for _ in range(2):
            assert case.run(held, name, keys) > 0
            case.restore(held, name, keys)
        assert before is None or list(held) == before
