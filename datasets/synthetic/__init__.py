"""Seeded key sets: the same name, size and seed give the same bits on every machine."""

from datasets.synthetic.generate import SYNTHETIC, SyntheticSet, gen

__all__ = ["SYNTHETIC", "SyntheticSet", "gen"]
