"""A learned filter over names of one kind, asked for words: it sees what strings look like."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.contenders.contender import not_installed
from benchmarks.contenders.library import library
from benchmarks.contenders.textkeys import TextKeys, borrowed
from benchmarks.keysets import KeySet
from benchmarks.plan import Cell, Plan
from benchmarks.suite import Act, Subject, Timed, time_each
from datasets import text
from datasets.text.texts import Text

DOMAINS = "mail_domains"
FPR = 0.01
ASKED = 200_000


def load(seed: int) -> KeySet:
    """Load the names of mail domains without their endings, and behind them words that are none."""
    names = {domain.rpartition(b".")[0] for domain in text.load(DOMAINS).tolist()}
    words = {word.lower() for word in text.load("words").tolist() if b"'" not in word}
    absent = np.array(sorted(word for word in words - names if word.isascii()), object)
    np.random.default_rng(seed).shuffle(absent)
    keys = np.arange(len(names)).view(TextKeys)
    keys.whole = Text.of([*sorted(names), *absent.tolist()])
    return KeySet(DOMAINS, keys)


def measure(subject: Subject, cell: Cell, plan: Plan) -> Timed:
    """Time and count LearnedFilter beside filters that do not learn, and find over the names.

    Half of the words teach it; the others are asked for.
    """
    if missing := not_installed("pyarrow", "pyarrow"):
        return Timed({}, {"learned": f"pyarrow is {missing}"})
    lx, names = library(), subject.keyset.keys
    assert isinstance(names, TextKeys)
    whole, n = names.whole, len(names)
    parts = np.array_split(np.arange(n, len(whole)), 2)
    keys = names.form(borrowed)
    taught, unseen = (borrowed(whole.take(part)) for part in parts)
    fits: dict[str, Callable[[], Any]] = {
        "learned": lambda: lx.LearnedFilter(fpr=FPR).fit(keys, taught),
        "compact": lambda: lx.PointFilter(FPR, compact=True).fit(keys),
        "split 1 %": lambda: lx.PointFilter(FPR).fit(keys),
    }
    fitted = {name: fit() for name, fit in fits.items()}
    for name, one in fitted.items():
        assert one.may_contain(keys).all(), f"{name}: denies a key"
    random = np.random.default_rng(plan.seed)
    drawn = random.integers(n, size=ASKED), random.choice(parts[1], ASKED)
    queries = borrowed(whole.take(np.where(random.random(ASKED) < 0.5, *drawn)))
    index = lx.LearnedIndex(keys)
    acts = {"find text": Act(functools.partial(index.find, queries), ASKED)}
    for name, one in fitted.items():
        acts[name] = Act(functools.partial(one.may_contain, queries), ASKED)
        acts[f"{name} build"] = Act(fits[name], n)
    shares = {
        name: {"held out": [float(one.may_contain(unseen).mean())]} for name, one in fitted.items()
    }
    facts = {"bytes": {name: one.nbytes_ for name, one in fitted.items()}, "shares": shares}
    return time_each(acts, subject.rounds(cell, plan), shuffle=plan.seed)._replace(facts=facts)
