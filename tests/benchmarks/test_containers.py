"""The cases of sorted containers undo what they do."""

import pytest

from benchmarks.suites.containers_cases import NUMBERS, TEXT, Case, Keys, cases

KEYS = {is_text: Keys.draw(1_000, is_text) for is_text in (False, True)}
CASES = [(case, False) for case in cases(NUMBERS).values()]
CASES += [(case, True) for case in cases(TEXT).values()]


@pytest.mark.parametrize(("case", "is_text"), CASES, ids=lambda one: getattr(one, "name", None))
def test_every_case_leaves_what_it_found(case: Case, is_text: bool) -> None:
    keys = KEYS[is_text]
    for name, held in case.contenders(keys)[0].items():
        is_container = hasattr(held, "__iter__") and not isinstance(held, type)
        before = list(held) if is_container else None  # what makes a container is called
        for action in case.actions(held, name, keys) * 2:
            action()
        assert before is None or list(held) == before
