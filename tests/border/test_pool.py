"""The pool behind threads=: forks, signals, shortage, the end of the process. All in children."""

import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks, or sends POSIX signals")

# Python warns of forks in a process with threads; which is what is tested here.
PRELUDE = """
import warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
import os, resource, signal, threading, time
import multiprocessing
from pathlib import Path
import numpy as np, learnedidx as lx

random = np.random.default_rng(5)
keys = np.sort(random.integers(0, 2**63, 300_000, dtype=np.uint64))
v = random.permutation(np.concatenate([keys, keys + np.uint64(1)]))
index = lx.LearnedIndex(keys, "rmi")
expected = np.searchsorted(keys, v)

def right(threads=2, part=100_000):
    return bool((index.searchsorted(v[:part], threads=threads) == expected[:part]).all())

def in_child(work):
    pid = os.fork()
    if pid == 0:
        signal.alarm(30)  # a child that hangs is ended
        os._exit(0 if work() else 1)
    return pid

def succeeded(pid):
    return os.waitpid(pid, 0)[1] == 0
"""


def run(script: str) -> str:
    """Run a script after the prelude in a process of its own; return what it printed."""
    code = PRELUDE + textwrap.dedent(script)
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_a_child_uses_threads_after_its_parent_did() -> None:
    run("""
        assert right(2) and right(5)
        assert succeeded(in_child(lambda: right(2) and right(4)))
        assert right(3)
    """)


def test_a_child_uses_threads_before_its_parent_does() -> None:
    run("""
        assert succeeded(in_child(lambda: right(2)))
        assert right(2)
    """)


def test_many_forks_and_their_forks() -> None:
    run("""
        assert right(3)
        def work():
            return right(2) and succeeded(in_child(lambda: right(3) and right(2)))
        for _ in range(10):
            pids = [in_child(work) for _ in range(4)]
            assert all([succeeded(pid) for pid in pids])
            assert right(2)
    """)


def test_fork_while_another_thread_searches() -> None:
    run("""
        stop, wrong = threading.Event(), []
        def search():
            while not stop.is_set():
                if not right(3, 600_000):
                    wrong.append(1)
        searchers = [threading.Thread(target=search) for _ in range(2)]
        for searcher in searchers:
            searcher.start()
        for _ in range(40):
            assert succeeded(in_child(lambda: right(2)))
        stop.set()
        for searcher in searchers:
            searcher.join()
        assert not wrong
    """)


def test_fork_by_a_signal_handler_inside_a_batch() -> None:
    """The child has half a batch, and none of the workers that had taken on the rest."""
    printed = run("""
        many = np.tile(v, 20)
        out = np.empty(many.size, np.intp)
        children, parent = [], os.getpid()
        def fork(*_):
            pid = os.fork()
            if pid:
                children.append(pid)
            else:
                signal.alarm(60)
        signal.signal(signal.SIGUSR1, fork)
        for _ in range(5):
            out[:] = -1
            timer = threading.Timer(0.02, signal.raise_signal, [signal.SIGUSR1])
            timer.start()
            index.searchsorted(many, out=out, threads=3)
            good = (out.reshape(20, -1) == expected).all() and right(2)
            if os.getpid() != parent:
                os._exit(0 if good else 1)
            assert good
            timer.join()
        assert all([succeeded(pid) for pid in children])
        print(len(children))
    """)
    assert int(printed) == 5


def test_multiprocessing_by_fork() -> None:
    run("""
        assert right(2)
        with multiprocessing.get_context("fork").Pool(3) as pool:
            assert all(pool.map(right, [1, 2, 3, 4] * 5))
        assert right(2)
    """)


def test_interrupted_batches_leave_the_pool_at_work() -> None:
    printed = run("""
        many = np.tile(v, 20)
        interrupted = 0
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        for number in range(6):
            signal.setitimer(signal.ITIMER_REAL, 0.02 + 0.03 * number)
            try:
                while True:
                    index.contains(many, threads=2)
            except KeyboardInterrupt:
                interrupted += 1
            assert right(2) and right(3)
        print(interrupted)
    """)
    assert int(printed) == 6


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_for_no_more_threads() -> None:
    """A thread needs a stack; where there is room for few or none, those there are do the work."""
    run("""
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 40_000_000, resource.RLIM_INFINITY))
        for threads in (2, 64, 1000):
            assert right(threads, 600_000)
        assert len(os.listdir("/proc/self/task")) < 64
    """)


def test_idle_workers_sleep() -> None:
    run("""
        assert right(8)
        time.sleep(0.1)
        before = time.process_time()
        time.sleep(0.5)
        assert time.process_time() - before < 0.05
    """)


@pytest.mark.parametrize(
    "ending", ["pass", "os.kill(os.getpid(), signal.SIGINT)", "raise SystemExit"]
)
def test_the_end_of_the_process(ending: str) -> None:
    """Also while a daemon thread is in the middle of a batch."""
    run(f"""
        def search():
            while True:
                index.searchsorted(v, threads=3)
        threading.Thread(target=search, daemon=True).start()
        assert right(2)
        time.sleep(0.05)
        signal.signal(signal.SIGINT, lambda *_: os._exit(0))
        {ending}
    """)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_leave_signals_to_python() -> None:
    run("""
        assert right(4)
        time.sleep(0.2)  # a thread that is about to start blocks all
        fault_mask = 1 << (signal.SIGSEGV - 1)
        tasks = Path("/proc/self/task").iterdir()
        statuses = [task.joinpath("status").read_text() for task in tasks]
        blocked = [int(status.partition("SigBlk:")[2].split()[0], 16) for status in statuses]
        interrupt = 1 << (signal.SIGINT - 1)
        assert sum(bool(mask & interrupt) for mask in blocked) == 3
        assert not any(mask & fault_mask for mask in blocked)
        assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])
    """)
