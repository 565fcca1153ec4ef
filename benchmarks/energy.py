"""Energy of the processor package, where Linux shows RAPL under /sys/class/powercap."""

from pathlib import Path

POWERCAP = Path("/sys/class/powercap")


def zones(root: Path = POWERCAP) -> list[Path]:
    """List the counters of whole packages; parts of a package are in them already."""
    return [zone for zone in sorted(root.glob("intel-rapl:*")) if zone.name.count(":") == 1]


def missing(root: Path = POWERCAP) -> str | None:
    """Say why energy cannot be read, or None if it can."""
    packages = zones(root)
    if not packages:
        return "no RAPL counters under /sys/class/powercap"
    try:
        (packages[0] / "energy_uj").read_text(encoding="ascii")
    except OSError:
        return "the RAPL counters are readable by root alone"
    return None


class Meter:
    """Sums microjoules over packages; a counter that wrapped in between is put right."""

    def __init__(self, root: Path = POWERCAP) -> None:
        self._zones = zones(root)
        self._ranges = [_number(zone / "max_energy_range_uj") for zone in self._zones]

    def read(self) -> list[int]:
        """Read all counters."""
        return [_number(zone / "energy_uj") for zone in self._zones]

    def since(self, before: list[int]) -> int:
        """Give the microjoules since an earlier reading."""
        pairs = zip(self.read(), before, self._ranges, strict=True)
        return sum(now - then if now >= then else now - then + top for now, then, top in pairs)


def _number(file: Path) -> int:
    return int(file.read_text(encoding="ascii"))
