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

from wordpiece.errors import OptionError
from wordpiece.report.context import context
from wordpiece.report.data import data_of
from wordpiece.report.gather import Report


def page(report: Report, *, title: str = "") -> str:
    """The text of the page. Raises `OptionError` when Jinja2 is not installed."""
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
        from markupsafe import Markup
    except ImportError:
        raise OptionError('wp report: needs Jinja2: pip install "wordpiece-lab[report]"') from None
    environment = Environment(
        loader=PackageLoader("wordpiece.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    script = resource("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode()
    values = {
        **context(report, title),
        "style": Markup(resource("page.css")),
        "script": Markup(script),
        "script_hash": digest,
        "data": Markup(as_json(data_of(report))),
    }
    for name in ("score_plot", "count_plot"):
        if values["merges"]:
            values["merges"][name] = Markup(values["merges"][name])
    values["length_plot"] = Markup(values["length_plot"])
    if values["use"]:
        values["use"]["rank_plot"] = Markup(values["use"]["rank_plot"])
    return environment.get_template("page.html.j2").render(values)


def resource(name: str) -> str:
    """A file that lies beside this one."""
    return files("wordpiece.report").joinpath(name).read_text(encoding="utf-8")


def as_json(document: object) -> str:
    """JSON that can stand in a script element: what could end it is written as escapes.

    >>> print(as_json("</script><!--&"))
    "\\u003c/script\\u003e\\u003c!--\\u0026"
    """
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
