"""Energy of the processor package, where Linux shows RAPL under /sys/class/powercap."""

from pathlib import Path

POWERCAP = Path("/sys/class/powercap")


def read(root: Path = POWERCAP) -> list[tuple[int, int]]:
    """Give microjoules, and where they wrap, of each package; its parts are in them already."""
    zones = [zone for zone in sorted(root.glob("intel-rapl:*")) if zone.name.count(":") == 1]
    return [
        (int((zone / "energy_uj").read_text()), int((zone / "max_energy_range_uj").read_text()))
        for zone in zones
    ]


def missing(root: Path = POWERCAP) -> str | None:
    """Say why energy cannot be read, or None if it can."""
    try:
        return None if read(root) else "no RAPL counters under /sys/class/powercap"
    except OSError:
        return "the RAPL counters are readable by root alone"


def since(before: list[tuple[int, int]], root: Path = POWERCAP) -> int:
    """Sum the microjoules since an earlier reading."""
    pairs = zip(read(root), before, strict=True)
    return sum(now - then if now >= then else now - then + most for (now, most), (then, _) in pairs)
