"""The cases of sorted containers undo what they do."""

import pytest

from benchmarks.suites.containers_cases import NUMBERS, TEXT, Case, cases
from benchmarks.suites.containers_keys import Keys

KEYS = {is_text: Keys.draw(1_000, is_text) for is_text in (False, True)}
CASES = [(case, False) for case in cases(NUMBERS, is_text=False).values()]
CASES += [(case, True) for case in cases(TEXT, is_text=True).values()]


@pytest.mark.parametrize(("case", "is_text"), CASES, ids=lambda one: getattr(one, "name", None))
def test_every_case_leaves_what_it_found(case: Case, is_text: bool) -> None:
    keys = KEYS[is_text]
    for name, held in case.contenders(keys)[0].items():
        before = None if callable(held) else list(held)  # what makes a container is called
        for _ in range(2):
            assert case.run(held, name, keys) > 0
            case.restore(held, name, keys)
        assert before is None or list(held) == before
