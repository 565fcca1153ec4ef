"""Tests of the benchmarks: what they draw, check, divide and say."""
