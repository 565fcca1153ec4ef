"""Docstrings on their way into the reference: names stay names."""

from typing import Any

from docs import conf

TEXT = """Do something with |x - y|, ``max_error_ |`` and n_leaves_.

Attributes
----------
slopes_, positions_ : ndarray, shape (n_,)
    Line of each segment: slope
    and position.
nbytes_ : int

Examples
--------
>>> model.n_leaves_
3
"""


def passed(hook: Any, text: str) -> str:
    lines = text.split("\n")
    hook(None, "class", "name", None, None, lines)
    return "\n".join(lines)


def test_attributes_that_share_a_line_get_one_each() -> None:
    text = passed(conf.split, TEXT)
    both = ": ndarray, shape (n_,)\n    Line of each segment: slope\n    and position.\n"
    assert f"----\nslopes_ {both}positions_ {both}nbytes_ : int\n" in text


def test_names_with_underscores_and_bars_are_no_markup() -> None:
    text = passed(conf.escape, TEXT)
    assert r"with \|x - y\|, ``max_error_ |`` and n_leaves\_." in text
    assert ">>> model.n_leaves_\n" in text, "code is left alone"


def test_a_colon_in_the_text_of_a_property_makes_no_type() -> None:
    lines = ["The keys: a read-only array."]
    conf.split(None, "attribute", "keys", None, None, lines)
    assert lines == ["The keys:: a read-only array."], "napoleon leaves this alone"
    conf.escape(None, "attribute", "keys", None, None, lines)
    assert lines == ["The keys: a read-only array."]
