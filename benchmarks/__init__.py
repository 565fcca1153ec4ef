"""Timing the library against its rivals; see README.md in this folder."""
