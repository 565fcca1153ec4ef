"""How Sphinx builds the site. Everything that it loads comes with it: no network."""

import re
from typing import Any

import learnedidx

project = "learnedidx"
author = "The learnedidx developers"
copyright = "the learnedidx developers; Apache-2.0"
version = release = learnedidx.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # texts from elsewhere in the tree may skip a level

highlight_language = "none"  # a block that names no language has none

html_theme = "furo"
html_title = "learnedidx"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#00568c", "color-brand-content": "#00568c"},
    "dark_css_variables": {"color-brand-primary": "#6cb6e8", "color-brand-content": "#6cb6e8"},
}
pygments_style = "friendly"
pygments_dark_style = "monokai"

toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"  # the docstrings say more than the annotations
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

MARKUP = re.compile(r"``.*?``|(?<=\w)_(?!\w)|\|")
ATTRIBUTES = re.compile(r"(?s)(?<=\nAttributes\n----------\n).*?(?=\n\n\S|$)")
PROPERTIES = ("attribute", "property")
SHARED = re.compile(r"(?m)^(\w+), (\w+)( : .*\n(?:    .*\n?)+)")


def split(_app: Any, what: str, _name: str, _obj: Any, _options: Any, lines: list[str]) -> None:
    """Give attributes that share a description one each: napoleon knows them singly.

    It also takes what stands before a colon in the first line of a property for its type, unless
    there are two colons.
    """
    text = ATTRIBUTES.sub(lambda m: SHARED.sub(r"\1\3\2\3", m[0] + "\n"), "\n".join(lines))
    lines[:] = text.split("\n")
    if what in PROPERTIES:
        lines[0] = lines[0].replace(": ", ":: ")


def escape(_app: Any, what: str, _name: str, _obj: Any, _options: Any, lines: list[str]) -> None:
    """Take names such as max_error_, and |x|, for what they are: docstrings are plain text."""
    for i, line in enumerate(lines):
        if what in PROPERTIES:
            lines[i] = line = line.replace(":: ", ": ")
        if not line.lstrip().startswith((">>>", "...", "..")):
            lines[i] = MARKUP.sub(lambda m: m[0] if m[0][0] == "`" else "\\" + m[0], line)


def setup(app: Any) -> None:
    """Run before and after napoleon, which is 500."""
    app.connect("autodoc-process-docstring", split, priority=400)
    app.connect("autodoc-process-docstring", escape, priority=600)
