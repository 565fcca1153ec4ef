"""What the library promises of its speed, measured: every figure with its floor and its aim.

``python -m benchmarks.limits`` runs blocks, each one suite over one key set, and prints one table.
`required.py` has the floors and aims, `blocks.py` says which suite runs over which keys; a suite
measures a block and gives figures by name.
"""
