"""How the documentation is built, by Sphinx; docs/README.md says by which command."""

import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
ROOT = DOCS.parent
MADE = DOCS / "made"
sys.path.insert(0, str(ROOT))

import mmviz  # noqa: E402
from docs.making.gallery import with_films  # noqa: E402
from docs.making.pages import made_pages  # noqa: E402
from docs.making.pictures import draw, orders  # noqa: E402

project = "mmviz"
author = "the authors of mmviz"
version = release = mmviz.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["README.md", "making", "made", "pictures"]
source_suffix = {".md": "markdown"}
default_role = "py:obj"  # `name` in a docstring: a link where the name is documented, else plain code
myst_enable_extensions = ["attrs_inline", "attrs_block", "deflist", "colon_fence"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_inherit_docstrings = False
python_maximum_signature_line_length = 88
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_custom_sections = ["Source"]

html_theme = "furo"
html_title = f"mmviz {version}"
(MADE / "films").mkdir(parents=True, exist_ok=True)
html_static_path = ["static", "made/films"]
html_favicon = "static/mmviz.svg"
html_css_files = ["mmviz.css"]
html_copy_source = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
pygments_style = "friendly"
pygments_dark_style = "github-dark"


def _draw_pictures(_app: Any) -> None:
    draw(orders(DOCS, MADE), ROOT / "scenes", ROOT / "mmviz", MADE)


def setup(app: Any) -> None:
    """Draw the pictures first, and read the made pages from the source instead of from their files."""
    pages = made_pages(ROOT)

    def read(_app: Any, name: str, text: list[str]) -> None:
        text[0] = pages.get(name, text[0])
        if name.startswith("gallery/"):
            text[0] = with_films(text[0], MADE / "films")

    app.connect("builder-inited", _draw_pictures)
    app.connect("source-read", read)
