"""Whether a contender fits into memory, guessed before it is built."""

from pathlib import Path

from benchmarks.tables import bytes_text

# Bytes a key while it is built, Python objects included: measured growth at 10^6 keys, rounded up.
BYTES_A_KEY = {"bisect": 80, "sortedcontainers": 90, "btrees": 110, "pandas": 60, "pygm": 40}
# The same over text of 57 bytes a key, with the form that it is built from.
BYTES_A_KEY |= {"numpy_s": 240, "numpy_strings": 240, "polars_text": 250, "dict_text": 260}
BYTES_A_KEY |= {"pandas_text": 400, "bisect_text": 180, "text": 100, "flat_hash_text": 100}
OTHERS = 24
SHARE = 0.6  # of what is free now: queries and answers need some, and other programs too


def free_bytes() -> int | None:
    """Say how much memory can be taken without swapping; None where /proc cannot say."""
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def too_large(name: str, n: int, free: int | None) -> str | None:
    """Say that a contender over n keys does not fit, or None if it does."""
    need = BYTES_A_KEY.get(name, OTHERS) * n
    if free is None or need <= free * SHARE:
        return None
    return f"too large for memory: takes about {bytes_text(need)}, {bytes_text(free)} are free"
