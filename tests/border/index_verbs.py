"""Every public verb of the indexes that takes arrays, as code for child processes.

A key is the public name and, where one name does several things, a variant. The value calls the
verb, and says what is true of what it `got`. What the code uses is made by PRELUDE.
"""

import inspect
from typing import Any

import learnedidx as lx

PRELUDE = """
import functools, io, os, signal, sys, tempfile, threading, time
import numpy as np, learnedidx as lx

def same(a, b):
    return np.array_equal(a, b)

random = np.random.default_rng(5)
keys = np.sort(random.integers(0, 2**60, 120_000))
shorter = keys[:100_000].copy()
v = random.permutation(np.concatenate([keys, keys + 1]))
left, right = np.searchsorted(keys, v), np.searchsorted(keys, v, "right")
found = np.where(left < right, left, -1)
index, older = lx.LearnedIndex(keys, "rmi"), lx.LearnedIndex(shorter, "rmi")
blob, values = index.save(bytes), keys[::-1].copy()
words = [b"%016x" % key for key in shorter[::2].tolist()]
texts = lx.LearnedIndex(np.array(words))
asked = np.array(random.permutation(words), "S")
places = np.searchsorted(shorter[::2], [int(word, 16) for word in asked.tolist()])
filters = {how: lx.RangeFilter(14, how).fit(keys) for how in ("robust", "learned")}
hashed = lx.LearnedHash(fingerprint=16).fit(keys)
points = lx.PointFilter().fit(keys)
others = [word[::-1] for word in words]
learned = lx.LearnedFilter().fit(texts.keys, others)
fitted = {model: model().fit(keys) for model in (lx.RMI, lx.PGM, lx.RadixSpline, lx.BTree)}

@functools.cache
def saved():
    path = os.path.join(tempfile.mkdtemp(), "index.lidx")
    index.save(path)
    return path

@functools.cache
def sharded():
    lx.shards.build(keys, "memory://shards", rows_per_shard=20_000)
    return lx.shards.open("memory://shards", most_open=2)

@functools.cache
def remote():
    path = os.path.join(tempfile.mkdtemp(), "index.lidx")
    lx.LearnedIndex(keys, lx.PGM(epsilon=64)).save(path)
    return lx.remote.open(path)

@functools.cache
def parquet():
    import pyarrow as pa, pyarrow.parquet as pq
    path = os.path.join(tempfile.mkdtemp(), "keys.parquet")
    pq.write_table(pa.table({"key": keys, "row": np.arange(keys.size)}), path, row_group_size=1000)
    lx.parquet.build(path, "key")
    return lx.parquet.open(path)
"""

ANSWERS = "same(got.searchsorted(v[:999]), left[:999])"
VERBS: dict[str, tuple[str, str]] = {
    **{
        f"LearnedIndex {model}": (f"lx.LearnedIndex(keys, {model!r})", ANSWERS)
        for model in ("rmi", "pgm", "radix_spline", "btree", "auto", "none")
    },
    "LearnedIndex threads": ("lx.LearnedIndex(keys, threads=3)", ANSWERS),
    "LearnedIndex.searchsorted": ("index.searchsorted(v)", "same(got, left)"),
    "LearnedIndex.searchsorted threads": ("index.searchsorted(v, threads=3)", "same(got, left)"),
    "LearnedIndex.searchsorted converted": (
        "index.searchsorted(v.astype(np.uint64), 'right')",
        "same(got, right)",
    ),
    "LearnedIndex.contains": ("index.contains(v)", "same(got, left < right)"),
    "LearnedIndex.rank": ("index.rank(v)", "same(got, right)"),
    "LearnedIndex.find": ("index.find(v)", "same(got, found)"),
    "LearnedIndex.find pad": ("index.find(v, 'pad')", "same(got, right - 1)"),
    "LearnedIndex.find nearest": (
        "index.find(v, 'nearest')",
        "same(got[found >= 0], found[found >= 0])",
    ),
    "LearnedIndex.range": ("index.range(v, v)", "same(got[0], got[1])"),
    "LearnedIndex.count": ("index.count(v, v, 'both')", "same(got, right - left)"),
    "LearnedIndex.bounds": ("index.bounds(v)", "((got[0] <= left) & (left <= got[1])).all()"),
    "LearnedIndex.bounds first": ("lx.LearnedIndex(keys, 'rmi').bounds(v[:99])", "len(got) == 2"),
    "LearnedIndex of strings": (
        "lx.LearnedIndex(texts.keys)",
        "same(got.searchsorted(asked[:999]), places[:999])",
    ),
    "LearnedIndex.searchsorted strings": ("texts.searchsorted(asked)", "same(got, places)"),
    "LearnedIndex.searchsorted strings, threads": (
        "texts.searchsorted(asked, threads=3)",
        "same(got, places)",
    ),
    "LearnedIndex.contains strings": ("texts.contains(asked)", "got.all()"),
    "LearnedIndex.find strings": ("texts.find(asked)", "same(got, places)"),
    "LearnedIndex.count strings": ("texts.count(asked, asked, 'both')", "(got == 1).all()"),
    "LearnedIndex.bounds strings": ("texts.bounds(asked)", "same(got[0], places)"),
    "LearnedIndex.prefix": ("texts.prefix(asked)", "same(got[0], places)"),
    "LearnedIndex.verify strings": ("texts.verify()", "got is None"),
    "LearnedIndex.stats strings": ("texts.stats()", "bool(got)"),
    "LearnedIndex.extended strings": (
        "lx.LearnedIndex(texts.keys[:1000]).extended(texts.keys)",
        "same(got.searchsorted(asked[:999]), places[:999])",
    ),
    "tune strings": ("lx.tune(texts.keys)", "type(got) is str"),
    "advise strings": ("lx.advise(texts.keys[:20_000])", "str(got) != ''"),
    "LearnedIndex.extended": ("older.extended(keys)", ANSWERS),
    "LearnedIndex.save": ("index.save(bytes, values=values)", "got[:4] == blob[:4]"),
    "LearnedIndex.verify": ("index.verify()", "got is None"),
    "LearnedIndex.stats": ("index.stats()", "bool(got)"),
    "open": ("lx.open(blob)", ANSWERS),
    "open a path": ("lx.open(saved())", "got.searchsorted(v[0]) == left[0]"),
    "open and verify": ("lx.open(blob).verify()", "got is None"),
    **{
        f"{model}.fit": (f"lx.{model}().fit(keys)", "got.nbytes_ >= 0")
        for model in ("RMI", "PGM", "RadixSpline", "BTree")
    },
    **{
        f"{model}.predict": (f"fitted[lx.{model}].predict(v)", "len(got) == len(v)")
        for model in ("RMI", "PGM", "RadixSpline", "BTree")
    },
    **{
        f"{model}.score": (f"fitted[lx.{model}].score(keys, np.arange(len(keys)))", "-9 < got < 0")
        for model in ("RMI", "PGM", "RadixSpline", "BTree")
    },
    "RangeFilter.fit": ("lx.RangeFilter().fit(keys)", "got.may_contain(keys).all()"),
    "RangeFilter.may_contain": ("filters['robust'].may_contain(v)", "got[left < right].all()"),
    "RangeFilter.may_contain learned": (
        "filters['learned'].may_contain(v, threads=3)",
        "got[left < right].all()",
    ),
    "RangeFilter.may_contain_range": (
        "filters['robust'].may_contain_range(v, v, 'both')",
        "got[left < right].all()",
    ),
    "PointFilter.fit": ("lx.PointFilter().fit(keys)", "got.may_contain(keys).all()"),
    "PointFilter.fit compact": (
        "lx.PointFilter(compact=True).fit(keys)",
        "got.may_contain(keys).all()",
    ),
    "PointFilter.fit strings": (
        "lx.PointFilter().fit(texts.keys)",
        "got.may_contain(asked, threads=2).all()",
    ),
    "PointFilter.may_contain": ("points.may_contain(v)", "got[left < right].all()"),
    "PointFilter.may_contain threads": (
        "points.may_contain(v.astype('f8'), threads=3)",
        "got.dtype == bool",
    ),
    "PointFilter.to_parquet": ("points.to_parquet()", "got[0] == 0x15"),
    "PointFilter.from_parquet": (
        "lx.PointFilter.from_parquet(points.to_parquet(), 'i8')",
        "got.may_contain(keys).all()",
    ),
    **{
        f"{name}Filter.save": (f"lx.open({code}.save(bytes))", "got.may_contain(keys).all()")
        for name, code in (("Range", "filters['learned']"), ("Point", "points"))
    },
    "LearnedIndex.save filter": (
        "lx.open(index.save(bytes, filter=points)).filter",
        "got.may_contain(keys).all()",
    ),
    "LearnedFilter.fit": (
        "lx.LearnedFilter().fit(texts.keys, others)",
        "got.may_contain(asked).all()",
    ),
    "LearnedFilter.may_contain": ("learned.may_contain(asked, threads=3)", "got.all()"),
    "LearnedFilter.expected_fpr": ("learned.expected_fpr(others)", "0 <= got <= 1"),
    "LearnedFilter.save": ("lx.open(learned.save(bytes))", "got.may_contain(asked).all()"),
    "LearnedHash.fit": (
        "lx.LearnedHash().fit(keys)",
        "same(got.position(keys), np.arange(len(keys)))",
    ),
    "LearnedHash.position": ("hashed.position(v)", "same(got[left < right], left[left < right])"),
    "LearnedHash.may_find": (
        "hashed.may_find(v, threads=3)",
        "same(got[left < right], left[left < right])",
    ),
    "LearnedHash.bounds": (
        "hashed.bounds(v)",
        "((got[0] <= left) & (left <= got[1])).all()",
    ),
    "LearnedHash.save": ("lx.open(hashed.save(bytes))", "got.position(keys[9]) == 9"),
    "ShardedIndex.searchsorted": ("sharded().searchsorted(v, threads=3)", "same(got, left)"),
    "ShardedIndex.find": ("sharded().find(v)", "same(got, found)"),
    "ShardedIndex.find one": (
        "[sharded().find(one) for one in v[:999].tolist()]",
        "same(got, found[:999])",
    ),
    "ShardedIndex.bounds": ("sharded().bounds(v)", "((got[0] <= left) & (left <= got[1])).all()"),
    "RemoteIndex.find": ("remote().find(v[:999])", "same(got, found[:999])"),
    "ParquetIndex.lookup": (
        "parquet().lookup(keys[:999], ['row'])",
        "same(got['row'].to_numpy(), np.arange(999))",
    ),
    "tune": ("lx.tune(shorter)", "got.nbytes_ >= 0"),
    "advise": ("lx.advise(shorter[:30_000])", "str(got) != ''"),
}

# They take no array, or one value, or read none; a canvas is drawn by matplotlib, and tables are
# read by their libraries: what is searched goes through searchsorted.
WITHOUT_ARRAYS = {
    *("join_asof", "join_range"),
    "LearnedIndex.explain",
    "LearnedIndex.plot",
    *("Columns", "Columns.count", "Columns.index"),
    *("RMI", "PGM", "RadixSpline", "BTree"),
    *(
        "RangeFilter",
        "RangeFilter.promise",
        "RangeFilter.stats",
        "RangeFilter.plot",
        "PointFilter",
        "PointFilter.stats",
        "PointFilter.plot",
        "LearnedFilter",
        "LearnedFilter.stats",
        "LearnedFilter.plot",
        "LearnedHash",
        "LearnedHash.stats",
        "LearnedHash.plot",
    ),
    *(
        f"{model}.{verb}"
        for model in (
            "RMI",
            "PGM",
            "RadixSpline",
            "BTree",
            "RangeFilter",
            "PointFilter",
            "LearnedFilter",
            "LearnedHash",
        )
        for verb in ("get_params", "set_params")
    ),
}


def public_verbs() -> set[str]:
    """Return what users can call, but for the sorted containers."""
    names = set()
    for name in lx.__all__:
        thing: Any = getattr(lx, name)
        if not callable(thing) or name.startswith(("Sorted", "FormatError", "PerformanceWarning")):
            continue
        names.add(name)
        if inspect.isclass(thing):
            names |= {
                f"{name}.{verb}"
                for verb in dir(thing)
                if verb[0] != "_" and callable(getattr(thing, verb))
            }
    return names


def uncovered(covered: Any) -> set[str]:
    """Return the public verbs that take arrays and are not named by any key."""
    return public_verbs() - WITHOUT_ARRAYS - {key.split()[0] for key in covered}
