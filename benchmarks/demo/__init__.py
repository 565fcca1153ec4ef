"""The demonstration: ``python -m benchmarks.demo --out demo.png``."""
