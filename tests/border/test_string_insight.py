"""What an index over strings tells: its story, its figures, its picture, advice; longer keys."""

import copy
from typing import Any

import numpy as np
import pytest

import learnedidx as lx
from learnedidx import _core
from learnedidx._state import State, index_of
from learnedidx.models.layers import Layers
from tests.border.helpful import refused

KEYS = sorted(f"example.org/{i % 3}/{'x' * (i % 3 * 10)}{i:06}" for i in range(3000))
INDEX = lx.LearnedIndex(KEYS)


def test_the_story_goes_from_layer_to_layer() -> None:
    trace = INDEX.explain(KEYS[1500])
    kinds = [step.kind for step in trace.steps]
    assert trace.answer == 1500 and kinds[0] == "layer" and kinds[-1] == "tie"
    assert trace.depths is not None and trace.depths[0] == len("example.org/")
    text = str(trace)
    assert "layer 1: segment keys[0:3000], behind 12 shared bytes" in text
    assert "layer 2: segment keys[1000:2000], behind 26 shared bytes" in text
    assert "tie: keys[1500] is compared" in text and "answer: 1500;" in text
    assert sum(step.lines for step in trace.steps) == trace.model_lines + trace.key_lines


def test_the_story_of_what_is_elsewhere() -> None:
    for v, answer in (("a", 0), ("z", 3000)):
        trace = INDEX.explain(v)
        assert (trace.answer, trace.steps) == (answer, ())
        assert "no layer is searched" in str(trace)
    away = INDEX.explain("example.org/2/xxxxxxy")
    assert away.answer == 3000 and "leaves the way" in str(away)
    assert lx.LearnedIndex(np.arange(99)).explain(5).depths is None


def test_stats_count_what_lookups_touch() -> None:
    found = INDEX.stats()
    first, second = found["layers"][:2]
    assert (first["segments"], first["share"], first["shared_bytes"]) == (1, 1.0, (12, 12))
    assert second["entries"] >= first["entries"] and 0 < second["share"] <= 1
    lookups = found["lookups"]["keys"]
    assert lookups["layers"]["worst"] == len(found["layers"])
    assert lookups["ties"]["p50"] == 1 and lookups["compared"]["p50"] >= 1
    assert found["cache_lines"]["total"]["p50"] > found["cache_lines"]["keys"]["p50"] > 0
    assert found["duplicates"] == 0 and found["index_share"] == INDEX.nbytes / found["key_bytes"]
    assert lx.LearnedIndex(["a", "a", "b"]).stats()["duplicates"] == pytest.approx(1 / 3)


def test_verify_sees_keys_that_changed() -> None:
    array = np.array([b"%05d" % i for i in range(500)])
    index = lx.LearnedIndex(array)
    index.verify()
    kept = array.copy()
    array[7] = b"00007x"[:5]
    array.view("V5")[8] = b"00007"
    array[9] = b"0000:"
    with pytest.raises(ValueError, match="^keys: changed since the index was built"):
        index.verify()
    array[:] = kept
    array[250] = b"00001"
    with pytest.raises(ValueError, match=r"position 250 is out of order"):
        index.verify()
    array[:] = kept
    index.verify()


def test_verify_sees_buffers_of_arrow_that_changed() -> None:
    arrow = pytest.importorskip("pyarrow")
    text = arrow.array(KEYS)
    index = lx.LearnedIndex(text)
    bytes_ = np.frombuffer(text.buffers()[2], np.uint8)
    address = bytes_.__array_interface__["data"][0]
    import ctypes

    ctypes.c_char.from_address(address + bytes_.size - 1).value = b"~"
    with pytest.raises(ValueError, match="fingerprint differs"):
        index.verify()
    with pytest.raises(ValueError, match=r"the first 3000 are the keys .* which changed"):
        index.extended(text)


def test_verify_sees_layers_of_other_keys() -> None:
    """Such as a file may hold. They cost time, never an answer."""
    column = _core.Column.of_list(KEYS, "keys", "str")
    bits, entries, places, segments = _core.Layers(column).arrays[0]
    assert places is not None
    first = (bits, entries, np.roll(places, 1), segments)
    core = _core.Layers.borrow(column, [first])
    layers = Layers(core, [lx.LearnedIndex(core.arrays[0][1])])
    index = index_of(lx.LearnedIndex, State(INDEX._state.checked, layers, core))
    assert index.searchsorted(KEYS).tolist() == list(range(3000))
    with pytest.raises(ValueError, match="^layers: they are not those of the keys"):
        index.verify()


REFUSED: list[tuple[Any, type[Exception], str]] = [
    (KEYS[:9], ValueError, "longer_keys: 9 keys, fewer than the 3000 of the index"),
    ([KEYS[0][:-1], *KEYS[1:]], ValueError, "longer_keys: position 0 is .*, but .* in the index"),
    ([k.encode() for k in KEYS], TypeError, "longer_keys: dtype bytes, but the index holds str"),
    (np.arange(9), TypeError, "longer_keys: dtype int64, but the index holds str"),
    ([*KEYS, "a"], ValueError, r"longer_keys: not sorted: longer_keys\[3000\] = 'a' comes after"),
    ([*KEYS, None], TypeError, r"longer_keys\[3000\] is None"),
]


@pytest.mark.parametrize(("longer", "kind", "says"), REFUSED)
@pytest.mark.parametrize("vouched", [False, True])
def test_extended_refuses(longer: Any, kind: type[Exception], says: str, vouched: bool) -> None:
    with pytest.raises(kind, match=f"^{says}"):
        INDEX.extended(longer, assume_unchanged=vouched)


def test_numbers_are_not_extended_by_strings() -> None:
    with pytest.raises(TypeError, match="^longer_keys: dtype str, but the index holds int64"):
        lx.LearnedIndex(np.arange(9)).extended(["a"])


class Named(lx.LearnedIndex):
    name = "none"


def test_extended_keeps_models_and_attributes() -> None:
    index = Named(KEYS[:2000], lx.RMI(n_leaves=7))
    index.name = "logs"
    longer = index.extended(KEYS)
    assert type(longer) is Named and longer.name == "logs" and len(index) == 2000
    assert {repr(model) for model in longer.model} == {"RMI(n_leaves=7)"}
    found = longer.stats()
    assert (found["extended_from"], found["refitted"]) == (3000, True)
    assert longer.searchsorted(KEYS).tolist() == list(range(3000))


@pytest.mark.parametrize("model", ["x", 3, None, lx.models.DirectTable()])
def test_wrong_models_are_refused(model: Any) -> None:
    for keys in (KEYS, np.array([], "S1")):
        with pytest.raises((TypeError, ValueError), match=r"^(model|keys): "):
            lx.LearnedIndex(keys, model)


@pytest.mark.parametrize("size", ["tiny", "", 3, True])
def test_wrong_sizes_are_refused(size: Any) -> None:
    refused(
        lx.LearnedIndex,
        KEYS,
        size=size,
        kind=ValueError,
        says=("size: must be None, 'small' or 'large'",),
    )


def test_numbers_have_no_sizes() -> None:
    says = ("size: 'small' is for strings and rows; for numbers name a model",)
    refused(lx.LearnedIndex, np.arange(9), size="small", kind=ValueError, says=says)
    lx.LearnedIndex(np.arange(9), size=None)


def test_large_indexes_hold_a_table() -> None:
    index = lx.LearnedIndex(KEYS, size="large")
    assert 5 < (index.nbytes - INDEX.nbytes) / len(KEYS) < 7
    assert index.explain(KEYS[1501]).answer == 1501
    index.verify()


def test_small_indexes_tell_what_they_compare() -> None:
    index = lx.LearnedIndex(KEYS, size="small")
    trace = index.explain(KEYS[1501])
    assert trace.answer == 1501 and "layer 1: segment keys[0:3000]" in str(trace)
    assert "of keys[1497:1504] are compared" in str(trace) and trace.depths == (12, 26)
    found = index.stats()
    assert found["keys_in_layers"] == 375 and found["layers"][0]["share"] == 1.0
    assert INDEX.stats()["keys_in_layers"] == 3000
    assert index.explain("a").answer == 0 and index.explain("z").answer == 3000
    index.plot() if pytest.importorskip("matplotlib") else None


def test_fitted_models_are_cloned() -> None:
    fitted = lx.RMI(n_leaves=9).fit(np.arange(1000))
    before = fitted.nbytes_
    index = lx.LearnedIndex(KEYS, fitted)
    assert fitted.nbytes_ == before and fitted not in index.model
    assert index.model[0].get_params() == copy.deepcopy(fitted).get_params()


def test_the_picture_shows_the_layers() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    figure = INDEX.plot()
    assert len(figure.axes) == 2 * min(len(INDEX.model), 3)
    assert "layer 1: 1 segment, 100.0%" in figure.axes[0].get_title("left")
    _, axes = pyplot.subplots(2, 1)
    assert INDEX.plot(axes) is axes[0].figure
    with pytest.raises(TypeError, match="^axes"):
        INDEX.plot(axes[0])
    lx.LearnedIndex(np.array([], "S1")).plot()
    pyplot.close("all")


def test_advice_is_measured() -> None:
    advice = lx.advise(KEYS)
    names = {one.name for one in advice.candidates}
    assert names >= {'model="auto"', "bisect.bisect_left", "dict, one by one"}
    assert advice.chosen in names and advice.dtype == "str" and advice.hardness is None
    assert "dict" in advice.equality and "Timed on this machine" in str(advice)
    assert not any(one.fits for one in advice.candidates if "dict" in one.name)
    assert lx.advise(KEYS, KEYS[:50], memory=1).chosen == "bisect.bisect_left"
    assert "np.searchsorted" in {one.name for one in lx.advise(np.array(KEYS)).candidates}
    unsorted = lx.advise(["b", "a"] * 40)
    assert unsorted.notes[0].startswith("The keys are not sorted: keys[1] comes after keys[0]")
    refused(lx.advise, KEYS, [1], kind=TypeError, says=("queries: cannot compare",))


def test_tune_names_a_model() -> None:
    model = lx.tune(KEYS)
    assert model in ("auto", "btree", "rmi", "none") and model == lx.tune(KEYS)
    with pytest.warns(UserWarning, match="more than memory"):
        assert lx.tune(KEYS, memory=10) == "none"
    refused(lx.tune, np.array([], "S1"), kind=ValueError, says=("keys: there are none",))
    refused(lx.tune, KEYS, [None], kind=TypeError, says=(r"queries\[0\] is missing",))
