"""What counts as a key or a query, and how they compare: accepted, checked, made comparable."""
