"""Filters: small summaries of a set of keys that say "no" for certain, and "maybe" else."""
