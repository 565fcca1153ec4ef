"""The limits: every suite gives the figures that are required, and the file and tables of them."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.contenders.library import library
from benchmarks.keysets import KeySet
from benchmarks.limits import __main__ as command
from benchmarks.limits import blocks, keys, native, records, report
from benchmarks.limits.blocks import BLOCKS, Block
from benchmarks.limits.measured import Figure, Measured, Plan, starting_with
from benchmarks.limits.required import MILLION, REQUIRED, Bound, Required
from benchmarks.limits.suites import SUITES, batches, lookups, singles
from benchmarks.rounds import Ratio

TINY = Plan(queries=2_000, rounds=1)
KEYS = keys.load("uniform", 20_000)
CARD = {"cpu": "a", "kernels": "b", "python": "3", "numpy": "2", "learnedidx": "1", "commit": "c"}
ONE = Block("merges", "uniform", 1 * MILLION)


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    try:
        native.loop("merge", KEYS.keys, KEYS.keys, np.empty(len(KEYS.keys), np.int64))
    except native.NativeMissingError as error:
        pytest.skip(str(error))


@pytest.fixture
def one_block(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Let the command run one tiny block, and count how often it does."""
    ran: list[int] = []

    def suite(keyset: KeySet, plan: Plan) -> Measured:
        ran.append(len(keyset.keys))
        return Measured({"merge": Figure(Ratio(1.2, 1.1, 1.4), "x 1, y 2")}, {"x": [1.0]})

    monkeypatch.setattr(command, "BLOCKS", (ONE,))
    monkeypatch.setitem(SUITES, "merges", suite)
    monkeypatch.setattr(command, "load", lambda *_, **__: KEYS)
    return iter([ran])


COMPILED = pytest.param("singles", marks=pytest.mark.whole)  # which takes most of a minute


@pytest.mark.parametrize("suite", [COMPILED if suite == "singles" else suite for suite in SUITES])
def test_a_suite_gives_the_figures_that_are_required_of_it(suite: str) -> None:
    keyset = keys.load("fb", 2_000) if suite == "traps" else KEYS
    measured = SUITES[suite](keyset, TINY)
    assert set(measured.figures) == set(REQUIRED[suite])
    for name, figure in measured.figures.items():
        assert (figure.ratio is None) == bool(figure.missing), name
        assert figure.ratio is None or np.isfinite(figure.ratio.median)


def test_every_suite_has_blocks_and_every_block_a_suite_and_a_bound() -> None:
    assert {block.suite for block in BLOCKS} == SUITES.keys() == REQUIRED.keys()
    for block in BLOCKS:
        found = [one.bound(block.keys, block.n) for one in REQUIRED[block.suite].values()]
        in_part = block.suite == "singles" or block.n == 100_000
        assert any(found) if in_part else found


def test_what_needs_hundreds_of_megabytes_is_run_when_asked_for() -> None:
    assert {block.n for block in BLOCKS if block.large} == {50 * MILLION, 100 * MILLION}


def test_blocks_of_the_same_keys_stand_together() -> None:
    places = [place for place, _ in blocks.by_keys(list(BLOCKS))]
    assert len(places) == len(set(places))
    assert sum(len(group) for _, group in blocks.by_keys(list(BLOCKS))) == len(BLOCKS)


def test_the_nearest_bound_counts() -> None:
    required = REQUIRED["lookups"]["best"]
    assert required.bound("lognormal", 10 * MILLION) == Bound(9, 12)
    assert required.bound("osm", 50 * MILLION) == required.bound("gshhg_coast", None) == Bound(6)
    assert required.bound("geonames_morton", None) == Bound(3)
    assert required.bound("fb", 10 * MILLION) is None
    assert REQUIRED["lookups"]["bytes"].bound("uniform", 100 * MILLION) == Bound(0.01)
    places = (("uniform", 5), ("uniform", None), ("smooth", 5), ("smooth", None), ("", 5))
    for i, _ in enumerate(places):  # each place counts where the nearer ones say nothing
        one = Required("t", True, {place: Bound(number) for number, place in enumerate(places[i:])})
        assert one.bound("uniform", 5) == Bound(0)


@pytest.mark.parametrize(
    ("at_least", "median", "verdict"),
    [(True, 3.9, "NOT MET"), (True, 4, "met"), (True, 6, "aim"), (False, 4, "aim")],
)
def test_a_median_meets_the_floor_or_the_aim(at_least: bool, median: float, verdict: str) -> None:
    required = Required("text", at_least, {})
    figure = Figure(Ratio(median, 1, 9))
    assert report.Line("s", required, "k", figure, Bound(4, 6)).verdict == verdict


def test_ratios_point_the_way_their_names_say() -> None:
    measured = Measured(nanoseconds={"ours": [10.0, 20.0, 40.0], "rival": [20.0, 80.0, 80.0]})
    measured.faster("f", "ours", "rival")
    measured.slower("s", "ours", "rival")
    measured.slower("none", "trie", "rival")
    assert measured.figures["f"] == Figure(Ratio(2.0, 2.0, 4.0), "ours 20.0, rival 80.0")
    assert measured.figures["s"].ratio == Ratio(0.5, 0.25, 0.5)
    assert measured.figures["none"] == Figure(missing="no trie here")
    assert measured.fastest(["rival", "trie", "ours"]) == "ours"


def test_a_call_may_take_the_latency_and_four_empty_calls() -> None:
    times = {"loop int": [2.0], "empty int": [7.0], "in int": [62.0], "rmi": [100.0]}
    figure = singles._beside_latency(times, "in", "int")
    assert figure.ratio == Ratio(0.5, 0.5, 0.5)  # (62 - 2) / (100 + 4 * (7 - 2))
    busy = times | {"loop int": [32.0]}  # no empty call takes less than nothing
    assert singles._beside_latency(busy, "in", "int").ratio == Ratio(0.3, 0.3, 0.3)


def test_the_worst_step_between_batch_sizes_is_found() -> None:
    costs = dict(zip(batches.SIZES, [9.0, 6.0, 3.0, 4.5, 1.0], strict=True))
    times = {f"rmi of {size}": [cost] for size, cost in costs.items()}
    figure = batches._worst_step(Measured(nanoseconds=times), "rmi")
    assert figure == Figure(Ratio(1.5, 1.5, 1.5), "rmi of 512 and of 64")


def test_another_row_of_kernels_is_in_use_only_meanwhile() -> None:
    kernels = library()._core.kernels
    before = kernels.active()
    try:
        kernels.use("scalar")  # not the one that the suite ends with
        batches.rows(KEYS, TINY)
        assert kernels.active() == "scalar"
    finally:
        kernels.use(before)


def test_a_missing_figure_says_why_and_counts_as_not_met() -> None:
    line = report.Line("s", Required("t", True, {}), "k", Figure(missing="no pgm"), Bound(4))
    assert line.cells() == ("k", "missing", "-", "≥ 4", "-", "missing", "no pgm")
    assert report.summary([line]) == "0 of 1 floors met, 0 of 0 aims, 1 missing"


def test_records_come_back_and_the_newest_counts(tmp_path: Path) -> None:
    file = tmp_path / "limits.jsonl"
    for median in (2.0, 1.25):
        measured = Measured({"merge": Figure(Ratio(median, 1, 3), "ours 4")}, {"x": [1 / 3]})
        records.append(records.record(ONE, (10, "uint64"), TINY, measured, CARD), file)
    with file.open("a", encoding="utf-8") as stream:
        stream.write('{"suite": "mer')  # a stop cut the last line short
    found = records.read(file)
    assert [entry["nanoseconds"] for entry in found] == [{"x": [0.33333]}] * 2
    (line,) = report.lines(found)
    assert (line.figure.ratio, line.keys, line.verdict) == (Ratio(1.25, 1, 3), "uniform 1 M", "met")


@pytest.mark.parametrize(
    ("changed", "done"),
    [({}, True), ({"commit": "c-dirty"}, True), ({"commit": "d"}, False), ({"numpy": "3"}, False)],
)
def test_a_block_is_done_for_one_machine_and_version(changed: dict[str, str], done: bool) -> None:
    kept = [records.record(ONE, (10, "uint64"), TINY, Measured(), CARD)]
    assert records.is_done(ONE, TINY, CARD | changed, kept) is done
    assert not records.is_done(ONE, TINY._replace(rounds=9), CARD | changed, kept)


def test_a_finished_block_is_written_and_not_run_again(
    one_block: Iterator[list[int]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "limits.jsonl"
    (ran,) = one_block
    options = ["--write", "--file", str(file), "--suites", "merges"]
    assert command.main(options) == command.main(options) == 0
    assert len(ran) == 1
    assert command.main([*options, "--again"]) == 0
    assert len(ran) == len(records.read(file)) == 2
    card = records.read(file)[0]["machine"]
    assert card["numpy"] == np.__version__
    assert not {"host", "path"} & card.keys()
    assert command.main(["--file", str(file), "--show", "--markdown"]) == 0
    assert "1 of 1 floors met" in capsys.readouterr().out
    page = file.with_suffix(".md").read_text(encoding="utf-8")
    assert "| uniform 1 M | 1.2 | (1.1-1.4) | ≤ 1.3 | - | met | x 1, y 2 |" in page


def test_a_wrong_answer_ends_the_run_and_keeps_what_was_finished(
    one_block: Iterator[list[int]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def wrong(keyset: KeySet, plan: Plan) -> Measured:
        raise AssertionError("rmi: 1 of 3 answers are wrong")

    monkeypatch.setitem(SUITES, "builds", wrong)
    monkeypatch.setattr(command, "BLOCKS", (ONE, Block("builds", "uniform", 2 * MILLION)))
    assert command.main([]) == 2
    shown = capsys.readouterr()
    assert "1 of 3 answers are wrong" in shown.err
    assert "1 of 1 floors met" in shown.out


def test_keys_that_are_not_there_leave_their_blocks_out(
    one_block: Iterator[list[int]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def missing(*_: object, **__: object) -> KeySet:
        raise FileNotFoundError("install it")

    monkeypatch.setattr(command, "load", missing)
    assert command.main([]) == 0
    assert "left out: install it" in capsys.readouterr().err


def test_a_quick_run_writes_nothing(
    one_block: Iterator[list[int]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "limits.jsonl"
    assert command.main(["--quick", "--write", "--file", str(file)]) == 0
    assert not file.exists()
    assert "mean nothing" in capsys.readouterr().out


def test_cpp_that_does_not_compile_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.cpp"
    broken.write_text("int f( {", encoding="utf-8")
    monkeypatch.setattr(native, "BUILD", tmp_path)
    with pytest.raises(native.NativeMissingError, match="broken did not compile: .*error"):
        native._compiled("broken", [broken])
    assert list(tmp_path.glob("*.so")) == []


def test_a_model_that_predicts_otherwise_is_not_taken_for_the_fitted_one() -> None:
    index = library().LearnedIndex(KEYS.keys, "rmi")
    with singles._chains(index.model, KEYS.keys, KEYS.keys[:100]) as chains:
        assert set(chains) == {"rmi", *singles.BASELINES}
    other = library().LearnedIndex(keys.load("lognormal", 20_000).keys, "rmi")
    with (
        pytest.raises(AssertionError, match="predicts otherwise"),
        singles._chains(_Mixed(index.model, other.model), KEYS.keys, KEYS.keys[:100]),
    ):
        pass


class _Mixed:
    """The predictions of one model, the arrays of another."""

    def __init__(self, predicting: object, holding: object) -> None:
        self.predict = predicting.predict  # type: ignore[attr-defined]
        self.stage_knots_ = holding.stage_knots_  # type: ignore[attr-defined]
        self.leaf_positions_ = holding.leaf_positions_  # type: ignore[attr-defined]


@pytest.mark.parametrize("loop", ["lower_bounds", "merge", "merge_branchless"])
def test_the_loops_in_cpp_answer_as_numpy_does(loop: str) -> None:
    edges = np.array([0, 5, 5, 9, 2**64 - 1], np.uint64)
    for n, count in itertools.product(range(6), range(6)):
        some, queries = edges[:n], edges[5 - count :]
        out = np.full(count, -1)
        native.loop(loop, some, queries, out)()
        assert out.tolist() == np.searchsorted(some, queries).tolist()


def test_clusters_are_the_sorted_queries_in_runs() -> None:
    ordered = np.arange(10 * lookups.RUN + 3)
    mixed = lookups.clustered(ordered, 1)
    assert np.array_equal(np.sort(mixed), ordered)
    assert np.count_nonzero(np.diff(mixed) != 1) <= 11


def test_outliers_are_where_they_are_said_to_be() -> None:
    one, many = (keys.load(name, 1_000).keys for name in ("one_outlier", "many_outliers"))
    assert [np.count_nonzero(drawn >= 2**40) for drawn in (one, many)] == [1, 10]
    assert all(bool((drawn[1:] >= drawn[:-1]).all()) for drawn in (one, many))


def test_learned_contenders_are_found_by_kind() -> None:
    assert "rmi" in starting_with("rmi", "pgm")
    assert "btree8" not in starting_with("rmi", "pgm")
    assert json.dumps(starting_with("no such kind")) == "[]"
