"""The end of the process, and forks, while threads are inside a verb: all that take an array."""

import subprocess
import sys
import textwrap

import pytest

from tests.border.helpful import every_eighth
from tests.border.index_verbs import PRELUDE, VERBS, WITHOUT_ARRAYS, public_verbs, uncovered

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")

TURNS = """
import random as chance, warnings
warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
chance.seed(1)

def work():
    return {call}

def is_right(got):
    return bool({check})

def in_threads(number):
    '''Daemon threads that do the work over and over; all of them have begun.'''
    begun = threading.Semaphore(0)
    def loop():
        begun.release()
        while True:
            work()
    for _ in range(number):
        threading.Thread(target=loop, daemon=True).start()
    for _ in range(number):
        begun.acquire()

def status_of(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

assert is_right(work())  # modules are imported: Python's own locks of imports do not outlive a fork
"""
EXITS = """
statuses = []
for _ in range({rounds}):
    pid = os.fork()
    if pid == 0:
        signal.alarm(60)  # one that hangs is ended
        in_threads(3)
        time.sleep(chance.uniform(0, 0.02))
        sys.exit()
    statuses.append(status_of(pid))
assert statuses == [0] * {rounds}, statuses
"""
FORKS = """
in_threads(2)
statuses = []
for _ in range({rounds}):
    time.sleep(chance.uniform(0, 0.02))
    pid = os.fork()
    if pid == 0:
        signal.alarm(60)
        os._exit(0 if is_right(work()) else 1)
    statuses.append(status_of(pid))
assert statuses == [0] * {rounds}, statuses
assert is_right(work())
os._exit(0)  # how daemon threads end is what EXITS asks
"""


def run(turns: str, verb: str, rounds: int) -> None:
    """Run turns of a verb in a process of its own, which says nothing if all went well."""
    call, check = VERBS[verb]
    code = PRELUDE + textwrap.dedent(TURNS + turns).format(call=call, check=check, rounds=rounds)
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_public_verb_is_here() -> None:
    assert uncovered(VERBS) == set()
    assert public_verbs() >= WITHOUT_ARRAYS


@pytest.mark.parametrize("verb", every_eighth(list(VERBS)))
def test_the_process_ends_while_daemon_threads_are_inside(verb: str) -> None:
    run(EXITS, verb, 4)


@pytest.mark.parametrize("verb", every_eighth(list(VERBS)))
def test_a_child_uses_what_another_thread_was_inside(verb: str) -> None:
    run(FORKS, verb, 4)


@pytest.mark.long
@pytest.mark.parametrize("turns", [EXITS, FORKS], ids=["exits", "forks"])
@pytest.mark.parametrize("verb", VERBS)
def test_twenty_of_twenty(verb: str, turns: str) -> None:
    run(turns, verb, 20)
