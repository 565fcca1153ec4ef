"""What is required of the library's speed, and whether the records meet it.

`floors` says what is required, `figures` how a figure comes from cells, `tables` what is met, what
is missed and what was never measured: ``python -m benchmarks report --required``.
"""
