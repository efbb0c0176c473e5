"""JSON lines: a JSON object a line, with a text under some name."""

from __future__ import annotations

import json
from typing import Any

from wordpiece.text.readers import Block
from wordpiece.text.reading import Faults, Reading, checked_text, json_kind


def json_texts(block: Block, name: str, reading: Reading, faults: Faults) -> list[str]:
    """The texts of the JSON values in a block, one a line; empty lines are no records.

    >>> json_texts(Block(b'{"text": "one"}\\n', 0, 1), "a.jsonl", Reading(), Faults("stop"))
    ['one']
    """
    found = []
    decode = json.JSONDecoder().decode
    for number, line in enumerate(block.data.split(b"\n"), start=block.line):
        if not line or line.isspace():
            continue
        try:
            value = decode(line.decode("utf-8-sig" if number == 1 else "utf-8", reading.errors))
            found.append(checked_text(at_path(value, reading.path)))
        except UnicodeDecodeError as error:
            byte = f"byte {error.start} (0x{line[error.start]:02x})"
            faults.add(f"{name}: line {number}: {byte} of it is not UTF-8")
        except json.JSONDecodeError as error:
            hint = ", a list over several lines perhaps" * (line.strip() == b"[")
            faults.add(
                f"{name}: line {number}: is no JSON: {error.msg} at character {error.pos + 1}{hint}"
            )
        except RecursionError:
            faults.add(f"{name}: line {number}: is nested too deeply")
        except (LookupError, TypeError, ValueError) as error:
            faults.add(f"{name}: line {number}: {error.args[0]}")
    return found


def at_path(value: Any, path: str) -> Any:
    """What is in a JSON object under a name, or under names with dots between.

    >>> at_path({"meta": {"body": "x"}}, "meta.body"), at_path({"a.b": "y"}, "a.b")
    ('x', 'y')
    """
    if not isinstance(value, dict):
        raise TypeError(f"is a JSON {json_kind(value)}, not an object with a field {path!r}")
    if path in value:
        return value[path]
    first, _, rest = path.partition(".")
    if not rest or first not in value:
        names = ", ".join(sorted(map(str, value))[:8])
        raise LookupError(f"has no field {first!r}, but {names or 'none'}: name one with --field")
    return at_path(value[first], rest)
