"""Every structure over every key set, size and batch size: what `model="auto"` has to choose from.

``python -m benchmarks.grid`` measures and keeps the cells, ``python -m benchmarks.grid.refit`` fits
the constants of the rule in `learnedidx/models/choose.py` to them. A *place* is a key set of one
size; a *cell* is a place and a batch size.
"""
