"""Batch verbs of the containers while the process ends, forks, or is interrupted: in children."""

import subprocess
import sys
import textwrap

import pytest

from tests.border.helpful import every_eighth

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks, or sends POSIX signals")

# Every public verb of a container that takes an array or gives one; `c` is the container, `a` an
# array in no order, `b` one in order, behind all that is held. Verbs that change the container are
# called on a new one.
LIST = {
    "constructor": "lx.SortedList(a)",
    "contains": "c.contains(a)",
    "bisect_left": "c.bisect_left(a)",
    "bisect_right": "c.bisect_right(a)",
    "to_numpy": "c.to_numpy()",
    "irange": "c.irange(as_array=True, reverse=True)",
    "freeze": "c.freeze()",
    "update": "new.update(a)",
    "few": "new.update(a[:9000])",
    "append": "new.update(b)",
    "iadd": "new.__iadd__(a)",
    "update with a list": "new.update(listed)",
}
SET = (
    {
        name: call.replace("SortedList", "SortedSet").replace("__iadd__", "__ior__")
        for name, call in LIST.items()
    }
    | {
        name: f"c.{name}(a)"
        for name in ("union", "difference", "intersection", "symmetric_difference")
    }
    | {
        "difference_update": "new.difference_update(a)",
        "intersection_update": "new.intersection_update(a)",
        "issuperset": "c.issuperset(a[:9000])",
    }
)
DICT = {
    name: call
    for name, call in LIST.items()
    if name in ("contains", "bisect_left", "bisect_right", "to_numpy", "irange")
} | {
    "get": "c.get(a)",
    "constructor": "lx.SortedDict(pairs)",
    "update": "new.update(pairs)",
    "few": "new.update(few)",
    "fromkeys": "lx.SortedDict.fromkeys(a[:99_000])",
}
# Slices, which are long where very many numbers are held.
LIST_SLICES = {
    "all": "c[:]",
    "every third": "c[::3]",
    "del every second": "new.__delitem__(slice(None, None, 2))",
}
DICT_SLICES = {"values": "c.values()[:]", "items backward": "c.items()[::-1]"}
SLICES = {"SortedList": LIST_SLICES, "SortedDict": DICT_SLICES}
VERBS = {"SortedList": LIST, "SortedSet": SET, "SortedDict": DICT}
CALLS = [(kind, verb) for kind, verbs in VERBS.items() for verb in verbs]

PRELUDE = """
import warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
import os, signal, sys, threading, time
import numpy as np, learnedidx as lx

size = {size}
a = np.random.default_rng(1).integers(-2**40, 2**40, size)
b = np.arange(2**41, 2**41 + size)
listed = a.tolist()
pairs, few = dict.fromkeys(listed, "value"), dict.fromkeys(listed[:9000], "other")
Kind = lx.{kind}

def make():
    if Kind is lx.SortedDict:
        return Kind(dict.fromkeys(range(0, 4 * size, 2), "old"))
    return Kind(np.arange(0, 4 * size, 2))

c = new = make()

def call(c, new):
    return {call}

def whole(container):
    container._check()
    assert len(container) >= 0
"""


def start(kind: str, verb: str, script: str, size: int = 200_000) -> "subprocess.Popen[str]":
    """Begin a script after the prelude in a process of its own."""
    code = PRELUDE.format(
        kind=kind, call=(VERBS[kind] | SLICES.get(kind, {}))[verb], size=size
    ) + textwrap.dedent(script)
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(kind: str, verb: str, script: str, size: int = 200_000) -> str:
    """Run a script to its end; return what it printed."""
    with start(kind, verb, script, size) as process:
        try:
            out, err = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert process.returncode == 0, (process.returncode, err)
    assert err == ""
    return out


@pytest.mark.parametrize(("kind", "verb"), every_eighth(CALLS))
def test_the_end_of_the_process(kind: str, verb: str) -> None:
    """Daemon threads are in the middle of the verb, each with a container of its own."""
    run(
        kind,
        verb,
        """
        inside = threading.Barrier(5)
        def forever(own):
            inside.wait()
            while True:
                call(own, own)
                if len(own) > 8 * size:
                    own = make()
        for _ in range(4):
            threading.Thread(target=forever, args=[make()], daemon=True).start()
        inside.wait()
        time.sleep(0.03)
    """,
    )


@pytest.mark.parametrize(("kind", "verb"), every_eighth(CALLS))
def test_a_fork_in_the_middle(kind: str, verb: str) -> None:
    """The child may read and change the container that another thread was busy with."""
    run(
        kind,
        verb,
        """
        stop, entered = threading.Event(), threading.Event()
        shared = [make()]
        def rounds():
            while not stop.is_set():
                own = shared[0] = make()
                entered.set()
                call(own, own)
        thread = threading.Thread(target=rounds)
        thread.start()
        entered.wait()
        failed = 0
        for number in range(20):
            time.sleep(0.001 * number)
            pid = os.fork()
            if pid == 0:
                signal.alarm(60)
                own = shared[0]
                whole(own)
                own.update({7: "new"} if Kind is lx.SortedDict else [7])
                assert 7 in own and bool(own.contains(np.array([7, 9]))[0])
                whole(own)
                own.clear()
                os._exit(0)
            failed += os.waitpid(pid, 0)[1] != 0
        stop.set()
        thread.join()
        assert not failed, f"{failed} of 20 children failed"
    """,
    )


def test_the_child_of_a_signal_handler_inside_a_batch() -> None:
    """It goes on with the batch, which others must not disturb meanwhile."""
    run(
        "SortedList",
        "contains",
        """
        many, parent = np.tile(a, 20), os.getpid()
        expected = np.isin(many, c.to_numpy())
        children, refused = [], []
        def fork(*_):
            pid = os.fork()
            if pid:
                return children.append(pid)
            signal.alarm(60)
            try:
                c.add(1)
                c.discard(1)
            except RuntimeError:
                refused.append(1)
        signal.signal(signal.SIGUSR1, fork)
        began, _, ended = time.perf_counter(), c.contains(many), time.perf_counter()
        for turn in range(20):  # until the signal meets the batch, after codes are made
            children.clear()
            delay = (0.4 + 0.1 * (turn % 6)) * (ended - began)
            timer = threading.Timer(delay, signal.raise_signal, [signal.SIGUSR1])
            timer.start()
            while not children and os.getpid() == parent:
                good = (c.contains(many) == expected).all()
            if os.getpid() != parent:
                c.add(1)
                whole(c)
                os._exit((0 if refused else 2) if good else 1)
            timer.join()
            status = os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1])
            assert good and status in (0, 2), status
            if status == 0: break
        assert status == 0, "the signal never met a batch"
        c.add(1)
        whole(c)
    """,
    )


# Verbs that are no single call of NumPy.
LONG = [
    *(("SortedList", verb) for verb in ("constructor", "contains", "to_numpy", "append", "few")),
    *(("SortedSet", verb) for verb in ("bisect_left", "update", "append", "update with a list")),
    *(("SortedDict", verb) for verb in ("get", "update", "few", "constructor")),
]


@pytest.mark.parametrize(("kind", "verb"), every_eighth(LONG))
def test_an_interrupt_leaves_the_container_as_it_was(kind: str, verb: str) -> None:
    """A batch stops in the middle, and all of it is in, or nothing."""
    script = """
        def seconds():
            own = make()
            began = time.perf_counter()
            call(own, own)
            return time.perf_counter() - began, len(own)
        long, full = min(seconds(), seconds())
        stopped = 0
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        for number in range(40):
            own = make()
            before, done = len(own), False
            try:
                signal.setitimer(signal.ITIMER_REAL, long * (number % 5 + 1) / 7)
                call(own, own)
                done = True
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                stopped += not done
            whole(own)
            assert len(own) == full or (not done and len(own) == before)
            own.update({7: "new"} if Kind is lx.SortedDict else [7])
            whole(own)
            if stopped == 3:
                break
        print(stopped)
    """
    assert int(run(kind, verb, script, size=1_000_000)) >= 1


@pytest.mark.whole
@pytest.mark.parametrize(
    ("kind", "verb"), [(kind, verb) for kind in SLICES for verb in SLICES[kind]]
)
def test_an_interrupt_ends_a_slice(kind: str, verb: str) -> None:
    """What is read ends in the middle; of what is to be deleted, all is still there."""
    script = """
        def seconds():
            own = make()
            began = time.perf_counter()
            call(own, own)
            return time.perf_counter() - began

        long, size = 0.0, 250_000
        while long < 0.2 and size < 16_000_000:
            size *= 2
            long = min(seconds(), seconds())
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        for _ in range(6):
            own = make()
            before, took, began = len(own), long, time.perf_counter()
            try:
                signal.setitimer(signal.ITIMER_REAL, long / 5)
                call(own, own)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                took = time.perf_counter() - began
            whole(own)
            ended = took < 0.8 * long and len(own) == before
            if ended:
                break
        assert ended, f"it takes {long:.2f} s and went on to its end each time"
        call(own, own)
        whole(own)
    """
    run(kind, verb, script, size=1000)
