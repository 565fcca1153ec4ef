"""The slow twin of an RMI over integers: plain Python integers, from its public fitted arrays.

A stage is a list of knots. A point names a model (upper 32 bits) and a fraction inside it (lower
32); the knots on both sides of a model say which points of the next stage it covers.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

LOW = 2**32 - 1


class RmiTwin:
    """Predict and train as the core does, one key at a time."""

    def __init__(self, model: Any, first: int, last: int) -> None:
        self.stages = [stage.tolist() for stage in model.stage_knots_]
        self.positions = model.leaf_positions_.tolist()
        self.pieces = model.root_pieces_.tolist()
        self.first, self.last = first, last
        span = last - first
        self.shift = 64 - span.bit_length() if span else 0

    def point(self, key: int) -> int:
        """Return the leaf and the fraction inside it of a key."""
        inside = min(max(key, self.first), self.last) - self.first
        point = self.root_point(inside << self.shift)
        for knots in self.stages:
            model, fraction = point >> 32, point & LOW
            point = knots[model] + ((knots[model + 1] - knots[model]) * fraction >> 32)
        return point

    def root_point(self, coordinate: int) -> int:
        """Return bin and fraction of a coordinate, in equal bins or in those of its piece."""
        if not self.pieces:
            root_bits = (len(self.stages[0]) - 1).bit_length() - 1
            return coordinate >> (32 - root_bits)
        bins = 0
        for low, high, bits in self.pieces:
            if coordinate <= high:
                span = high - low
                shift = 64 - span.bit_length() if span else 0
                inside = max(coordinate, low) - low
                return int((bins << 32) + (inside << shift >> (32 - bits)))
            bins += 2**bits
        raise AssertionError("the last piece ends with the last key")

    def predict(self, key: int) -> int:
        """Return the position on the straight line between the borders of the key's leaf."""
        leaf, fraction = self.point(key) >> 32, self.point(key) & LOW
        start, stop = self.positions[leaf], self.positions[leaf + 1]
        return int(start + ((stop - start) * fraction >> 32))

    def leaf_positions(self, keys: Sequence[int]) -> list[int]:
        """Return for every leaf border how many keys lie before it."""
        leaves = np.array([self.point(key) >> 32 for key in keys])
        before = np.searchsorted(leaves, np.arange(len(self.positions)))
        return [int(number) for number in before]

    def line(self, keys: Sequence[int], leaf: int) -> tuple[float, float] | None:
        """Return intercept and slope of least squares of position on fraction in one leaf."""
        points = [self.point(key) for key in keys]
        inside = [i for i, point in enumerate(points) if point >> 32 == leaf]
        x = np.array([(points[i] & LOW) / 2**32 for i in inside])
        y = np.array(inside) - self.positions[leaf]
        if len(x) < 2 or np.ptp(x) == 0:
            return None
        slope = np.cov(x, y, bias=True)[0, 1] / np.var(x)
        return float(np.mean(y) - slope * np.mean(x)), float(slope)
