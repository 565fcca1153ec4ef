"""Key sets to train and measure on: real ones that packages bring, and synthetic ones.

>>> import datasets
>>> datasets.load("uniform", n=3, seed=1).size
3
"""

from datasets.real.places import DataMissingError
from datasets.registry import describe, load, names
from datasets.synthetic import gen

__all__ = ["DataMissingError", "describe", "gen", "load", "names"]
