"""Sets of text: order, bits, what is held out, and the files of the real ones."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datasets
from datasets import text
from datasets.synthetic.draws import BLOCK
from datasets.text import found, made
from datasets.text.phrases import Law, Table
from datasets.text.texts import Pairs, Text, sha256_of_text

README = Path(datasets.__file__).with_name("README.md").read_text(encoding="utf-8")
STRINGS = [b"", b"a", b"a\0", b"ab", b"\xff" * 40]


@pytest.mark.parametrize("n", [0, 1, 2, 513, BLOCK + 1])
@pytest.mark.parametrize("name", text.SYNTHETIC)
def test_exactly_n_sorted_distinct_keys(name: str, n: int) -> None:
    keys = text.load(name, n, seed=3)
    listed = keys.tolist()
    assert len(keys) == len(listed) == n
    assert all(a < b for a, b in itertools.pairwise(listed))


@pytest.mark.parametrize("name", text.SYNTHETIC)
def test_bits_are_the_published_ones(name: str) -> None:
    keys = text.load(name, 10_000)
    sha256 = text.SYNTHETIC[name].sha256
    assert sha256_of_text(keys) == sha256
    assert f"| `{name}` |" in README and f"`{sha256}`" in README
    assert sha256_of_text(text.load(name, 10_000, seed=2)) != sha256


@pytest.mark.parametrize("make", [made._urls, made._emails, made._domains])
def test_no_entry_is_the_beginning_of_another(make: Callable[[], Law]) -> None:
    law = make()
    for phrase in (law.head, *law.tails):
        for table in phrase.tables[: len(phrase.tables) - (phrase is not law.head)]:
            entries = table.entries.tolist()
            assert not any(b.startswith(a) for a, b in itertools.pairwise(entries))
    firsts = [tail.tables[0].entries.tolist() for tail in law.tails]
    assert all(a[-1] < b[0] for a, b in itertools.pairwise(firsts))
    assert len(law.head.tables[-1]) * len(law.tails) * law.room < 2**64


def test_popular_entries_follow_the_law_of_zipf() -> None:
    table = Table(map(str, range(1_000)), popular=True)
    counts = np.sort(np.bincount(table.draw(1, 0, 0, 100_000).astype(np.intp)))[::-1]
    assert counts[0] / counts[9] == pytest.approx(10 * np.log(2) / np.log(11 / 10) / 10, rel=0.2)


def test_shapes() -> None:
    urls = text.load("urls", 20_000).tolist()
    hosts = {url.split(b"/")[2] for url in urls}
    assert 2_000 < len(hosts) <= made.HOSTS
    assert {url.split(b"/")[3][:4] for url in urls} == {b"arti", b"item", b"sear", b"user"}
    assert all(one == b"%d" % int(one) for one in text.load("decimal", 1_000).tolist())
    uuids = text.load("uuid_text", 1_000).tolist()
    plain = [bytes.fromhex(one.decode().replace("-", "")) for one in uuids]
    assert plain == text.load("uuid_bytes", 1_000).tolist()
    assert {(one[14:15], one[19:20]) for one in uuids} == {
        (b"4", c) for c in (b"8", b"9", b"a", b"b")
    }
    pairs = text.load("ipv6", 10_000)
    assert isinstance(pairs, Pairs)
    assert 0.3 < len(np.unique(pairs.hi)) / len(pairs) < 1
    assert 0.4 < np.mean(pairs.lo < 256) < 0.6


def test_strings_are_taken_in_any_order() -> None:
    keys = Text.of(STRINGS)
    at = np.array([4, 0, 2, 2, 1])
    assert keys.take(at).tolist() == [STRINGS[i] for i in at]
    assert keys.take(at[:0]).tolist() == Text.of([]).tolist() == []


@pytest.mark.parametrize("name", ["emails", "ipv6"])
def test_a_tenth_is_held_out(name: str) -> None:
    whole = text.load(name, BLOCK + 7)
    keys, absent = text.split(whole)
    assert sorted(keys.tolist() + absent.tolist()) == whole.tolist()
    assert len(absent) == pytest.approx(len(whole) / 10, rel=0.1)
    assert text.split(whole, seed=2)[1].tolist() != absent.tolist()


def test_real_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEARNEDIDX_DATA", str(tmp_path / "cache"))
    file = tmp_path / "list"
    with pytest.raises(datasets.DataMissingError, match="apt-get install wamerican-insane"):
        text.load("words", path=file)
    with pytest.raises(datasets.DataMissingError, match="npm pack disposable-email-domains"):
        text.load("mail_domains")
    with pytest.raises(datasets.DataMissingError, match=r"one a line, to \$LEARNEDIDX_DATA"):
        text.load("package_names")
    file.write_bytes("zebra\nécru\tof another column\n\nant\nzebra\n".encode())
    expected = [b"ant", b"zebra", "écru".encode()]
    assert text.load("package_names", path=file).tolist() == expected
    with pytest.warns(UserWarning, match=r"not of the pinned version 2020\.12\.07-4"):
        assert text.load("words", path=file).tolist() == expected
    (tmp_path / "index.json").write_text('["zoo.example", "b.org", "b.org"]')
    with pytest.warns(UserWarning, match=r"not of the pinned version 1\.0\.62"):
        domains = text.load("mail_domains", path=tmp_path / "index.json")
    assert domains.tolist() == [b"b.org", b"zoo.example"]
    (tmp_path / "index.json").unlink()
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b").touch()
    found_paths = text.load("paths", path=tmp_path).tolist()
    assert found_paths == [bytes(tmp_path / "a/b"), bytes(file)]
    for real in text.REAL.values():
        assert f"| `{real.name}` |" in README and real.licence in README
    assert found._WORDS.sha256 in README and found._DOMAINS.sha256 in README


def test_words_are_the_pinned_ones() -> None:
    if not found.WORDS_FILE.exists():
        pytest.skip("not installed: apt-get install wamerican-insane")
    words = text.load("words")
    assert isinstance(words, Text) and len(words) == 663_473
    assert words.tolist() == sorted(set(found.WORDS_FILE.read_bytes().split()))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "nothing"}, "no set of text 'nothing'"),
        ({"name": "urls"}, r"load\('urls', n=10\*\*6\)"),
        ({"name": "urls", "n": 5, "path": "x"}, "no path"),
        ({"name": "urls", "n": -1}, "n=-1"),
        ({"name": "urls", "n": 1, "seed": -1}, "seed=-1"),
        ({"name": "words", "n": 5}, "leave n out"),
    ],
)
def test_arguments_that_do_not_go_with_the_set(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        text.load(**arguments)


def test_every_set_is_described() -> None:
    assert all(text.describe(name).startswith(f"{name}: ") for name in text.names())
    with pytest.raises(ValueError, match="no set of text 'nothing'"):
        text.describe("nothing")
