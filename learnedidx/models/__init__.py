"""Models of where the keys lie: scikit-learn style estimators, trained in Python."""

from __future__ import annotations

from learnedidx.models.btree import BTree
from learnedidx.models.direct import DirectTable
from learnedidx.models.pgm import PGM
from learnedidx.models.radix_spline import RadixSpline
from learnedidx.models.rmi import RMI

__all__ = ["PGM", "RMI", "BTree", "DirectTable", "RadixSpline"]
