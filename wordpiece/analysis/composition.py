"""What a vocabulary is made of, and what in it looks like an accident."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from wordpiece.analysis.encoders import OurEncoder
from wordpiece.text.byte_alphabet import to_bytes
from wordpiece.text.visible import is_shown

#: Names that markup leaves when it is cut at punctuation, as `&nbsp;` becomes `nbsp`.
MARKUP = frozenset({"nbsp", "quot", "amp", "lt", "gt", "br", "href", "https", "http", "www"})
#: A tag, an end of one, or a character entity.
TAG = re.compile(r"</?\w+|/>|&#?\w+;?")


@dataclass(frozen=True)
class Composition:
    """Counts of tokens by kind; regular tokens are those that are neither special nor `[unusedN]`.

    `beginning` and `continuing` divide the regular ones by where in a word they stand (for BPE all
    are `beginning`, for byte-level BPE those with the space before them are). `single`, `digits`,
    `punctuation` and `letters` overlap with these; `mixed` is none of the last three, `partial`
    tokens are bytes of which no characters can be made. `scripts` counts tokens with letters by the
    first word of the Unicode name of their letters (`mixed` where there are several), in descending
    order of count. `lengths` counts the regular tokens by characters without `##`, in order of
    length; a byte that is part of no whole character counts as one, a space alone too.
    """

    special: int
    unused: int
    regular: int
    beginning: int
    continuing: int
    single: int
    digits: int
    punctuation: int
    letters: int
    mixed: int
    partial: int
    scripts: dict[str, int]
    lengths: dict[int, int]


@dataclass(frozen=True)
class Suspect:
    """A token that looks like an accident, and what is odd about it."""

    token: str
    id: int
    reason: str


@dataclass(frozen=True)
class OneForm:
    """Characters that are tokens only at the start of a word, or only inside one."""

    beginning_only: tuple[str, ...]
    continuing_only: tuple[str, ...]


def regular_tokens(encoder: OurEncoder) -> list[tuple[str, int]]:
    """The regular tokens with their ids, in id order."""
    return [(token, id) for token, id in encoder.vocab.items() if id in encoder.regular_ids]


def composition(encoder: OurEncoder) -> Composition:
    """Count the tokens of a vocabulary by kind."""
    kinds: Counter[str] = Counter()
    scripts: Counter[str] = Counter()
    lengths: Counter[int] = Counter()
    regular = regular_tokens(encoder)
    for token, _ in regular:
        begins, bare = encoder.notation.surface(token)
        kinds["beginning" if begins or not encoder.notation.marks_words else "continuing"] += 1
        partial = is_partial(encoder, token)
        kinds["single"] += len(bare) == 1
        kinds["partial" if partial else kind_of(bare)] += 1
        lengths[len(bare)] += 1
        script = "" if partial else script_of(bare)
        if script:
            scripts[script] += 1
    unused = sum(token.startswith("[unused") and token.endswith("]") for token in encoder.vocab)
    return Composition(
        special=len(encoder.vocab) - len(regular) - unused,
        unused=unused,
        regular=len(regular),
        scripts=dict(sorted(scripts.items(), key=lambda item: (-item[1], item[0]))),
        lengths=dict(sorted(lengths.items())),
        **{
            kind: kinds[kind]
            for kind in (
                *("beginning", "continuing", "single"),
                *("digits", "punctuation", "letters", "mixed", "partial"),
            )
        },
    )


def is_partial(encoder: OurEncoder, token: str) -> bool:
    """Whether a token of a byte-level vocabulary is bytes that are no whole characters."""
    data = to_bytes(token) if encoder.notation.byte_level else None
    try:
        return data is not None and data.decode("utf-8") is None
    except UnicodeDecodeError:
        return True


def kind_of(bare: str) -> str:
    """What the characters of a token are.

    >>> [kind_of(text) for text in ("1984", "...", "été", "mp3")]
    ['digits', 'punctuation', 'letters', 'mixed']
    """
    categories = {unicodedata.category(char)[0] for char in bare}
    if categories <= {"N"}:
        return "digits"
    if categories <= {"P", "S"}:
        return "punctuation"
    return "letters" if categories <= {"L", "M"} else "mixed"


def script_of(bare: str) -> str:
    """The script of a token's letters: the first word of their Unicode names; "" without letters.

    >>> script_of("été"), script_of("한국"), script_of("12")
    ('LATIN', 'HANGUL', '')
    """
    found = {script for char in bare if char.isalpha() and (script := script_of_char(char))}
    return "mixed" if len(found) > 1 else next(iter(found), "")


@cache
def script_of_char(char: str) -> str:
    """The first word of a letter's Unicode name."""
    return unicodedata.name(char, "UNNAMED").split()[0]


def one_form(encoder: OurEncoder) -> OneForm | None:
    """Characters of which `c` is a token and `##c` is not, or the other way round, by code point.

    A word with such a character in the other place is `[UNK]`. Punctuation and ideographs, which
    never stand inside a word, are left out of the first list. None for vocabularies without `##`.
    """
    prefix = encoder.notation.continuing
    if not prefix:
        return None
    tokens = {token for token, _ in regular_tokens(encoder)}
    beginning = {token for token in tokens if len(token) == 1}
    inside = {token.removeprefix(prefix) for token in tokens if token.startswith(prefix)}
    continuing = {char for char in inside if len(char) == 1}
    parts = encoder.tokenizer.parts
    joining = (
        char
        for char in beginning - continuing
        if parts.pre_tokenizer.split(parts.normalizer.normalize(f"a{char}a")) == [f"a{char}a"]
    )
    return OneForm(tuple(sorted(joining)), tuple(sorted(continuing - beginning)))


def near_duplicates(encoder: OurEncoder) -> list[tuple[str, ...]]:
    """Groups of tokens that are the same but for case, width or other forms of their characters.

    Equal under NFKC and case folding, and both at the start of words or both inside; each group in
    id order, the groups by their first token's id.
    """
    groups: defaultdict[tuple[bool, str], list[str]] = defaultdict(list)
    for token, _ in regular_tokens(encoder):
        begins, bare = encoder.notation.surface(token)
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", bare).casefold())
        groups[begins, folded].append(token)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def suspects(encoder: OurEncoder) -> list[Suspect]:
    """Tokens with control or other hidden characters, and those that markup has left, by id."""
    found = []
    for token, id in regular_tokens(encoder):
        _, bare = encoder.notation.surface(token)
        is_byte = encoder.notation.byte_level and len(token) == 1
        reason = "" if is_byte or is_partial(encoder, token) else oddness(bare)
        if reason:
            found.append(Suspect(token, id, reason))
    return found


def oddness(bare: str) -> str:
    """What is odd about a token; "" for nothing.

    >>> oddness("nbsp"), oddness("a\\u200bb"), oddness("\\ufffd"), oddness("word")
    ('left by markup', 'hidden character U+200B', 'wrongly decoded text', '')
    """
    hidden = next((char for char in bare if not is_shown(char) and not char.isspace()), None)
    if hidden is not None:
        return f"hidden character U+{ord(hidden):04X}"
    if "\ufffd" in bare:
        return "wrongly decoded text"
    return "left by markup" if bare in MARKUP or TAG.search(bare) else ""


def longest(encoder: OurEncoder, most: int = 10) -> list[tuple[str, int]]:
    """The longest tokens with their length in characters, without `##`; equals in id order."""
    sized = [
        (token, len(encoder.notation.surface(token)[1])) for token, _ in regular_tokens(encoder)
    ]
    return sorted(sized, key=lambda item: -item[1])[:most]


def same_start(tokens: Sequence[str], token: str, most: int) -> list[str]:
    """Tokens that begin like another, shortest first, then by spelling."""
    return sorted(
        (other for other in tokens if other.startswith(token) and other != token),
        key=lambda other: (len(other), other),
    )[:most]


def nearest(tokens: Iterable[str], wanted: str, most: int = 3) -> list[str]:
    """Tokens that are spelled most like another one, the best first."""
    from difflib import get_close_matches

    return get_close_matches(wanted, list(tokens), n=most, cutoff=0.6)
