"""The committed results as one page: ``python -m benchmarks report``."""
