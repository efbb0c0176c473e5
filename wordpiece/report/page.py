"""The page: what was gathered, as text and numbers for a template that escapes everything.

One file with its style, its script and its data in it; nothing is fetched. The script has its hash
in the content-security policy, so no other script runs. Tokens stand in `bdi` elements with hidden
characters made visible; the script puts text into the page as text alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from typing import TYPE_CHECKING

from wordpiece.errors import OptionError
from wordpiece.report.context import context
from wordpiece.report.data import data_of
from wordpiece.report.gather import Report
from wordpiece.report.plots import Html

if TYPE_CHECKING:
    from jinja2 import Template


def page(report: Report, *, title: str = "") -> str:
    """The text of the page. Raises `OptionError` when Jinja2 is not installed."""
    script = resource("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode()
    return template().render(
        **context(report, title),
        style=resource("page.css"),
        script=script,
        script_hash=digest,
        data=as_json(data_of(report)),
    )


def template() -> Template:
    """The template, which escapes all but `Html`. Raises `OptionError` without Jinja2."""
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise OptionError('wp report: needs Jinja2: pip install "wordpiece-lab[report]"') from None
    environment = Environment(
        loader=PackageLoader("wordpiece.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html.j2")


def resource(name: str) -> Html:
    """A file that lies beside this one, as it is."""
    return Html(files("wordpiece.report").joinpath(name).read_text(encoding="utf-8"))


def as_json(document: object) -> Html:
    """JSON that can stand in a script element: what could end it is written as escapes.

    >>> print(as_json("</script><!--&"))
    "\\u003c/script\\u003e\\u003c!--\\u0026"
    """
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Html(text)
