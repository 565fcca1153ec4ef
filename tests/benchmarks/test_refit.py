"""The fit of the rule of `model="auto"` to the records of the suite `auto` and of other lookups."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks import record, refit
from benchmarks.plan import REQUIRED
from benchmarks.report.auto import HELD_OUT, Place, merged, read
from learnedidx.models import choose
from tests.benchmarks.fakes import auto_lines, line, times, write

POOR = {"hits": 0.6, "duplicates": 0.0, "stages": 1, "pieces": 0}
FAIR = {"hits": 0.9, "duplicates": 0.0, "stages": 1, "pieces": 0}
DEEP = {"hits": 1.0, "duplicates": 0.0, "stages": 2, "pieces": 0}


def measured(card: str = "a", fair: float = 3) -> list[record.Record]:
    """Records of a processor where models pay from a million keys on, fair ones from ten."""
    both: Any = {"numpy": 9, "none": 9, "btree16": 2, "card": card}
    return [
        *auto_lines("uniform", 10**5, "rmi", rmi=3, btree8=1, **both),
        *auto_lines("uniform", 10**6, "rmi", rmi=1, btree8=2, **both),
        *auto_lines("osm", 10**6, "rmi", POOR, rmi=3, btree8=2, **both),
        *auto_lines("osm", 10**7, "rmi", POOR, rmi=3, btree8=5, **both),
        *auto_lines("lognormal", 10**6, "btree8", FAIR, rmi=fair, btree8=2, **both),
        *auto_lines("lognormal", 10**7, "btree8", FAIR, rmi=1, btree8=2, **both),
    ]


def test_the_rule_is_fitted_to_the_cells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "auto.jsonl"
    write(file, *measured())
    rule = refit.best(refit.losses(read(file)))
    assert 10**5 < rule.fewest_for_model <= 10**6
    assert not refit.suits(rule, 10**7, POOR)
    assert not refit.suits(rule._replace(keys_a_stage=refit.NEVER), 10**7, DEEP)
    assert not refit.suits(rule, 10**7, {**FAIR, "hits": 1.0, "pieces": 2})
    assert 10**5 < rule.fewest_for_wide_nodes <= 10**7
    assert command.main(["refit", "--file", str(file)]) == 0
    shown = capsys.readouterr().out
    assert f"MISSES_A_DOUBLING = {rule.misses_a_doubling}" in shown
    assert "at worst 1.00 of the best, 0.0% of time lost; what auto chose: at worst 3.00" in shown
    assert command.main(["refit", "--file", str(tmp_path / "none.jsonl")]) == 2


def test_the_processor_that_is_off_worst_decides() -> None:
    cells = merged([*measured(), *measured("b", fair=0.5)])  # an RMI at 10**6: 1.5 on a
    at = next(one.known for one in cells if one.place == ("lognormal", 10**6))  # a tree 4 on b
    assert refit.chosen_by(refit.best(refit.losses(cells)), 10**6, at) == "rmi"
    assert refit.chosen_by(refit.best(refit.losses(merged(measured()))), 10**6, at) != "rmi"


def test_sets_that_are_held_out_do_not_fit_the_rule() -> None:
    books = auto_lines("books", 10**6, "rmi", FAIR, numpy=9, rmi=1, btree8=9, btree16=9)
    judged = refit.losses(merged([*measured(), *books]))
    assert "books" in HELD_OUT
    assert [at[1].keys for at in refit.part(judged, held_out=True)] == ["books"]
    fitted = refit.part(judged, held_out=False)
    assert len(fitted) == len(judged) - 1
    assert "held out" in refit.verdicts(refit.best(fitted), judged).plain()


def test_lookups_of_the_other_store_are_fitted_too(tmp_path: Path) -> None:
    cells = merged(measured())
    file, batch = tmp_path / "measured.jsonl", REQUIRED.main_batch
    taken = times(numpy=9, rmi=2, btree8=3, btree16=4, take=1)
    one = line("lognormal", 10**7, batch=batch, card="a", times=taken)
    card = {"card": "a", "machine": {"cpu": "c"}}
    write(file, card, one, {**one, "set": "none such"}, {**one, "verb": "merges"})
    added = [one for one in refit.with_lookups(cells, file) if one.cpu == "c"]
    assert [(one.place, one.batch) for one in added] == [(Place("lognormal", 10**7), batch)]
    known, of = refit.losses(added)["c", Place("lognormal", 10**7)]
    assert {name: loss.large for name, loss in of.items()} == {
        "rmi": [1.0],
        "btree8": [1.5],
        "btree16": [2.0],
    }
    assert known.seen == FAIR


def test_the_constants_are_those_that_the_committed_records_give() -> None:
    cells = read()
    judged = refit.part(refit.losses(refit.with_lookups(cells)), held_out=False)
    rule = refit.best(judged)
    ours = refit.Rule(*(getattr(choose, name.upper()) for name in refit.Rule._fields))
    assert refit.regret(ours, judged) == refit.regret(rule, judged)
    assert refit.FEWEST == choose.FEWEST
    assert refit.FEWEST_FOR_TABLE == choose.FEWEST_FOR_TABLE
    for one in cells:
        assert refit.chosen_by(ours, one.length, one.known) == one.auto, one.place
