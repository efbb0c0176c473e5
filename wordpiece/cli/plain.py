"""What is printed as it stands, without rich, which takes as long to load as all else here."""

from __future__ import annotations

import json
import sys


def print_json(document: object) -> None:
    """One JSON document on stdout; escapes where stdout cannot take every character."""
    ascii_only = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    sys.stdout.write(json.dumps(document, ensure_ascii=ascii_only) + "\n")
