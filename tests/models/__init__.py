"""Models of what threads do, for a model checker."""
