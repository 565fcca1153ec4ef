"""The names that people know contenders by."""

NAMES = {
    "auto": "auto",
    "rmi": "RMI",
    "pgm": "PGM",
    "radix_spline": "RadixSpline",
    "btree8": "B+tree 8",
    "btree16": "B+tree 16",
    "none": "no model",
    "direct": "table",
    "numpy": "NumPy",
    "pandas": "pandas",
    "polars": "Polars",
    "absl": "absl",
    "pygm": "PyGM",
    "btrees": "BTrees",
    "sortedcontainers": "sortedcontainers",
    "bisect": "bisect",
}
