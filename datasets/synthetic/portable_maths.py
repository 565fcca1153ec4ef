"""exp, log and cos from additions, multiplications and divisions alone.

Maths libraries differ in the last bit, and NumPy picks another one by the processor. IEEE 754 fixes
the basic operations, and two NumPy calls are never fused into one, so what is built from them gives
the same keys everywhere. Errors are one or two units in the last place.
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets.keytypes import Floats

# ln 2 in two parts: the first has trailing zero bits, so that a small integer times it is exact.
_LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")
_LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
_LN2 = float.fromhex("0x1.62e42fefa39efp-1")
_LOG2_E = float.fromhex("0x1.71547652b82fep+0")
_TWO_PI = float.fromhex("0x1.921fb54442d18p+2")
_SQRT_HALF = float.fromhex("0x1.6a09e667f3bcdp-1")

# Series long enough that the first term left out is below 2^-54 of the sum.
_EXP_SERIES = [1.0 / factorial(k) for k in range(15)]
_LOG_SERIES = [2.0 / (2 * k + 1) for k in range(11)]
_COS_SERIES = [(-1.0) ** k / factorial(2 * k) for k in range(9)]
_SIN_SERIES = [(-1.0) ** k / factorial(2 * k + 1) for k in range(9)]


def _polynomial(x: Floats, coefficients: list[float]) -> Floats:
    """Evaluate sum(c[k] * x^k) by Horner's rule."""
    total = np.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total *= x
        total += coefficient
    return total


def _scaled(fraction: Floats, power: Floats) -> Floats:
    """Return fraction * 2^power for whole powers."""
    scaled: Floats = np.ldexp(fraction, power.astype(np.int32))
    return scaled


def exp(x: Floats) -> Floats:
    """Return e^x."""
    power: Floats = np.rint(x * _LOG2_E)
    rest = (x - power * _LN2_HIGH) - power * _LN2_LOW
    return _scaled(_polynomial(rest, _EXP_SERIES), power)


def exp2(x: Floats) -> Floats:
    """Return 2^x."""
    power: Floats = np.rint(x)
    return _scaled(_polynomial((x - power) * _LN2, _EXP_SERIES), power)


def log(x: Floats) -> Floats:
    """Return the natural logarithm of positive numbers."""
    mantissa, exponent = np.frexp(x)
    small: npt.NDArray[Any] = mantissa < _SQRT_HALF
    mantissa = np.where(small, mantissa * 2.0, mantissa)
    power = (exponent - small).astype(np.float64)
    ratio: Floats = (mantissa - 1.0) / (mantissa + 1.0)
    series = ratio * _polynomial(ratio * ratio, _LOG_SERIES)
    total: Floats = power * _LN2_HIGH + (power * _LN2_LOW + series)
    return total


def cos_turns(turns: Floats) -> Floats:
    """Return cos(2 pi turns)."""
    quarter: Floats = np.rint(turns * 4.0)
    angle = (turns - quarter * 0.25) * _TWO_PI
    square = angle * angle
    cosine = _polynomial(square, _COS_SERIES)
    sine = angle * _polynomial(square, _SIN_SERIES)
    phase = quarter.astype(np.int64) & 3
    value = np.where((phase & 1) == 1, sine, cosine)
    turned: Floats = np.where((phase == 1) | (phase == 2), -value, value)
    return turned


def sin_turns(turns: Floats) -> Floats:
    """Return sin(2 pi turns)."""
    return cos_turns(turns - 0.25)
