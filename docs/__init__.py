"""The documentation: pages in Markdown, and what runs, builds and checks them."""
