"""Doors into libraries of tables. Each is imported on use, and imports its library on use."""
