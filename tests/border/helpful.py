"""What a good refusal looks like: it names the argument, what was wrong, and what to do."""

import re
from collections.abc import Callable
from typing import Any

import pytest

ADVICE = re.compile(
    r"\b(pass|use|convert|sort|call|try|drop|combine|give|make|take|reshape|ravel|flatten|move|"
    r"choose|want|wants|expects?|needs?|put|remove|keep|leave|copy|view|split|search|instead|"
    r"one of|fill|index|must be)\b|[a-z_]+\(|\.[a-z_]+\b",
    re.IGNORECASE,
)


def refused(
    call: Callable[..., Any],
    *args: Any,
    kind: type[Exception] | tuple[type[Exception], ...] = (TypeError, ValueError),
    says: tuple[str, ...] = (),
    **options: Any,
) -> str:
    """Assert that a call is refused with a message that helps, and return the message."""
    with pytest.raises(kind) as caught:
        call(*args, **options)
    message = str(caught.value)
    for part in says:
        assert re.search(part, message, re.IGNORECASE), f"{part!r} is missing in: {message}"
    assert ADVICE.search(message), f"no word on what to do in: {message}"
    assert len(message) > 20
    return message


def every_eighth(cases: list[Any]) -> list[Any]:
    """Return cases for parametrize: every eighth of them runs, the others with --whole."""
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=[pytest.mark.whole] if number % 8 else [],
        )
        for number, case in enumerate(cases)
    ]
