"""Real key sets, read from packages that the user installs; nothing here downloads."""
