"""Key sets of text: byte strings in one buffer, and pairs of numbers that sort as one key.

>>> from datasets import text
>>> text.load("decimal", n=3).tolist()
[b'13921899026', b'24382461690', b'5554045663']
"""

from datasets.text.registry import REAL, SYNTHETIC, describe, load, names
from datasets.text.texts import Pairs, Text, split

__all__ = ["REAL", "SYNTHETIC", "Pairs", "Text", "describe", "load", "names", "split"]
