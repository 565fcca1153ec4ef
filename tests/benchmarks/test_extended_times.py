"""What the suite of appended keys measures is true of them."""

import dataclasses

from benchmarks.plan import TINY, Cell
from benchmarks.suite import Subject
from benchmarks.suites import kept


def test_extending_is_much_faster_than_training_anew() -> None:
    """A tenth is measured with as many new keys; a half leaves room for a busy machine."""
    subject = Subject(kept.log_keys("log_seconds", 2_000_000, 1), ())

    plan = dataclasses.replace(TINY, rounds=5)

    def times(model: str) -> dict[str, float]:
        timed = kept.extend(subject, Cell("extend", model), plan)
        return {name: min(rounds) for name, rounds in timed.times.items()}

    for model in ("pgm", "radix_spline"):
        found = times(model)
        assert found["extended"] < found["built"] / 2, model
    for model in ("rmi", "btree"):  # whose training is a part of the checks that a vouch leaves out
        found = times(model)
        assert found["vouched"] < min(found["extended"] / 1.5, found["built"] / 1.1), model
