"""Examples on pages: what runs, and what is told of those that do something else."""

from pathlib import Path

import pytest

from docs import examples

PAGE = """# Title

```python
>>> x = 3
```

```sh
>>> not Python
```

```python
>>> x + 1
{answer}
```
"""


def page(folder: Path, text: str) -> Path:
    path = folder / "page.md"
    path.write_text(text)
    return path


def test_blocks_of_a_page_share_their_names(tmp_path: Path) -> None:
    assert examples.run(examples.of_page(page(tmp_path, PAGE.format(answer=4)))) == 2


def test_figures_do_not_pile_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    text = "```python\n>>> import matplotlib.pyplot as plt\n>>> figure = plt.figure()\n```\n"
    examples.run(examples.of_page(page(tmp_path, text)))
    import matplotlib.pyplot as plt

    assert plt.get_fignums() == []


def test_a_wrong_answer_is_told_with_its_line(tmp_path: Path) -> None:
    wrong = examples.of_page(page(tmp_path, PAGE.format(answer=5)))
    with pytest.raises(examples.ExampleError, match=r'"page.md", line 12'):
        examples.run(wrong)


def test_a_block_that_would_not_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(examples.ExampleError, match=r"page\.md:3: .* without >>>"):
        examples.of_page(page(tmp_path, "# Title\n\n```python\nx = 3\n```\n"))


def test_blank_lines_at_the_end_of_a_block_are_no_part_of_it() -> None:
    text = "```python\n>>> 1\n1\n\n```\n\n```\nplain\n```\n"
    assert examples.BLOCK.sub(r"```python\n\1```", text) == text.replace("1\n\n", "1\n", 1)
