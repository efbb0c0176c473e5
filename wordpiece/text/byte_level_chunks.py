"""Chunks for GPT-2's pattern, by keys: text is cut at its spaces, and white space is looked at.

A chunk is a run of anything but white space with the one space before it, or a run of white space:
the pattern never matches across these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from wordpiece.text import byte_alphabet
from wordpiece.text import unicode_tables as tables
from wordpiece.text.code_points import characters_of, pattern_class
from wordpiece.text.cuts import CHUNKS_AT_ONCE, WHITE, Places, Quickened, lines, parts
from wordpiece.text.normalize import Normalized
from wordpiece.text.pretokenize import ByteLevelPreTokenizer, gpt2_pattern

#: A block of fewer characters in which there is more than spaces is cut line by line.
CUT_BY_LINES = 1 << 11
#: Before the words of each key, and in place of the words of a key; no word begins with either.
NEXT, OTHER = "\0", "\1"
#: Between two chunks of one key.
WITHIN = "\2"
#: Zero for bytes of UTF-8 that go on with a character.
_BEGINS_CHARACTER = bytes(int(byte & 0xC0 != 0x80) for byte in range(256))


@dataclass(frozen=True)
class ByteLevelChunks:
    """Chunks for GPT-2's pattern: what is not white space with a space before it, or white space.

    >>> ByteLevelChunks(ByteLevelPreTokenizer()).cut("I'm  here\\nnow.\\n")
    [" I'm", '', 'here', '\\nnow.', '\\n']

    Nearly all chunks begin with a space, so a text is cut at its spaces, and its keys go without:

    * a key that begins with a space is a chunk as it stands, which has none before it;
    * a line feed is a chunk, and a tab stands for a space and a line feed; what follows either is
      another chunk as it stands;
    * any other key is a chunk without the space that it begins with.
    """

    pre_tokenizer: ByteLevelPreTokenizer
    splits_punctuation = False

    def cut(self, text: str) -> list[str]:
        """The keys of a text."""
        return keys_of_any_text(self.pre_tokenizer.prefixed(text))

    def quickened(self, texts: list[str], joined: str) -> Quickened:
        """A cut at spaces, unless there is white space that is neither space nor line feed."""
        if has_other_space(joined):
            return Quickened(texts, self.cut)
        if self.pre_tokenizer.add_prefix_space:
            texts = list(map(self.pre_tokenizer.prefixed, texts))
        return Quickened(texts, keys_of_text)

    def parts(self, text: str) -> Iterable[str]:
        """A long text cut between words."""
        # a part that does not begin with a space would get a prefix of its own
        return parts(text, " " if self.pre_tokenizer.add_prefix_space else WHITE)

    def words(self, key: str) -> list[str]:
        """The words of a chunk.

        Most keys are letters, or letters and a mark: those are told without the pattern.

        >>> ByteLevelChunks(ByteLevelPreTokenizer()).words("here,")
        ['Ġhere', ',']
        """
        if key.isascii() and key.isprintable() and not key.startswith(" "):
            word = byte_alphabet.SPACE + key
            if key.isalpha():
                return [word]
            return [word[:-1], key[-1]] if key[:-1].isalpha() else key_words().findall(word)
        split = self.pre_tokenizer.split_prefixed
        if key.startswith(" "):
            return split(key[1:])
        if key.startswith(("\n", "\t")):
            return split("\n" if key[0] == "\n" else " \n") + split(key[1:])
        return split(f" {key}")

    def places(self, text: str) -> Places:
        """The character that each byte is of; a prefix has that of what follows."""
        prefixed = self.pre_tokenizer.prefixed(text)
        prefix = [0] * (len(prefixed) - len(text))
        if text.isascii():
            every = range(len(text))
            return Places([*prefix, *every] if prefix else every, adjoining=not prefix)
        begins = byte_alphabet.encoded(text).translate(_BEGINS_CHARACTER)
        each = list(accumulate(begins, initial=-1))
        return Places(prefix + each[1:], adjoining=False)

    def word_sizes(self, text: str) -> list[int]:
        """How many bytes each word has."""
        return self.pre_tokenizer.sizes(text)

    def aligned_words(self, text: str) -> list[Normalized]:
        """The words of a text, with the origin of each of their characters."""
        return self.pre_tokenizer.split_aligned(Normalized(text, range(len(text))))

    def keys(self, text: str) -> list[str]:
        """The keys of a text."""
        return self.cut(text)

    def line_keys(self, block: str) -> list[str]:
        """The keys of a block of lines: it is cut at every space, where that can be done.

        >>> ByteLevelChunks(ByteLevelPreTokenizer()).line_keys("to be \\nor  not\\n")
        [' to', 'be', '\\tor', '', 'not', '\\n']
        """
        if self.pre_tokenizer.add_prefix_space:
            return [key for line in lines(block) for key in self.cut(line)]
        return keys_of_lines(block)

    def add_words(self, keys: Mapping[str, int], words: dict[str, int]) -> None:
        """Add the words of counted keys, splitting many at a time."""
        each = list(keys)
        for at in range(0, len(each), CHUNKS_AT_ONCE):
            part = each[at : at + CHUNKS_AT_ONCE]
            found = None
            if 2 * sum(map(str.isascii, part)) < len(part):
                found = words_of_any_keys(part)
            self._add_found(words_of_keys(part) if found is None else found, part, keys, words)

    def _add_found(
        self, found: list[str], part: list[str], keys: Mapping[str, int], words: dict[str, int]
    ) -> None:
        """Add words that were found for keys, as `words_of_keys` has them."""
        following, known = iter(part), words.get
        key, count = "", 0
        for word in found:
            if word == NEXT:
                key = next(following)
                count = keys[key]
            elif word != OTHER:
                words[word] = known(word, 0) + count
            else:
                for word in self.words(key):
                    words[word] = known(word, 0) + count


def words_of_keys(keys: list[str]) -> list[str]:
    """The words of keys for GPT-2's pattern, `NEXT` before those of each.

    For a key that is not printable ASCII there is `OTHER` in place of words.

    >>> [word.replace(NEXT, "next") for word in words_of_keys(["be", " I'm", ""])]
    ['next', 'Ġbe', 'next', 'I', "'m", 'next', 'Ġ']
    """
    plain = [key if key.isascii() and key.isprintable() else f" {OTHER}" for key in keys]
    joined = "".join(f"{NEXT} {key}" for key in plain).replace(f"{NEXT}  ", NEXT)
    return key_words().findall(joined.replace(" ", byte_alphabet.SPACE))


def words_of_any_keys(keys: list[str]) -> list[str] | None:
    """The same for keys of any script, or None where one of them holds what stands between.

    >>> [word.replace(NEXT, "next") for word in words_of_any_keys(["é", " I'm", "\\nI"])]
    ['next', 'ĠÃ©', 'next', 'I', "'m", 'next', 'Ċ', 'I']
    """
    joined = "".join(map(f"{NEXT} ".__add__, keys))
    if joined.count(NEXT) > len(keys) or OTHER in joined or WITHIN in joined:
        return None
    joined = joined.replace(f"{NEXT} \n", f"{NEXT}\n{WITHIN}")
    joined = joined.replace(f"{NEXT} \t", f"{NEXT} \n{WITHIN}").replace(f"{NEXT}  ", NEXT)
    found = gpt2_pattern(NEXT, WITHIN).on(joined).findall(joined)
    next_mark, between = map(byte_alphabet.from_text, (NEXT, OTHER))
    text = byte_alphabet.from_text(OTHER.join(found)).replace(next_mark, NEXT)
    return text.split(between)


def keys_of_any_text(text: str) -> list[str]:
    """The keys of a text, whatever white space it has."""
    return keys_around(other_runs(), text) if has_other_space(text) else keys_of_text(text)


def keys_of_text(text: str) -> list[str]:
    """The keys of a text that has no white space but spaces and line feeds."""
    if text.find("\n", 0, -1) < 0:
        simple = not ("   " in text or text.endswith(("  ", "  \n")))
    else:
        simple = not (has_long_run(text) or text.endswith(("  ", "\n ", "\n\n")))
    return keys_of_simple(text) if simple else keys_around(long_runs(), text)


def keys_of_simple(text: str) -> list[str]:
    """The same, without runs of three or more, and of two at the end only a space and a line feed.

    Of two spaces the first is a chunk, and the second begins what follows; a line feed is a chunk.
    """
    end = ""
    if text.endswith("\n"):
        end = "\t" if text.endswith(" \n") else "\n"
        text = text[: -2 if end == "\t" else -1]
    keys = text.replace("\n", " \n").split(" ")
    keys[0] = f" {keys[0]}"
    if end:
        keys.append(end)
    return keys


def keys_around(runs: re.Pattern[str], text: str) -> list[str]:
    """The keys of a text with runs of white space that have to be looked at.

    All of a run but its last character is a chunk. The last one is another, unless the text ends
    there, or it is a space, which begins what follows.

    >>> keys_around(long_runs(), "to\\n\\n  be  ")
    [' to', ' \\n\\n ', ' ', 'be', '   ', ' ']
    """
    keys: list[str] = []
    start = 0
    for run in runs.finditer(text):
        keys += keys_of_simple(text[start : run.start()])
        start = run.end()
        if start < len(text):
            start -= 1
        keys.append(f" {text[run.start() : start]}")
        if text[start : start + 1] not in " \n":
            keys.append(f" {text[start]}")
            start += 1
    return keys + keys_of_simple(text[start:])


def has_long_run(text: str) -> bool:
    """Whether three spaces or line feeds stand together.

    >>> has_long_run("to  be\\n\\nor not"), has_long_run("to be \\n or not")
    (False, True)
    """
    runs = [run for run in ("  ", " \n", "\n ", "\n\n") if run in text]
    return any(a + b[1] in text for a in runs for b in runs if a[1] == b[0])


def keys_of_lines(block: str) -> list[str]:
    """The keys of a block of lines, of which each is a text.

    Where a space is not all that is between two chunks (there is other white space, or a run of it
    that is more than two spaces or a space and a line feed) each line is looked at; of a large
    block each half is looked at before, so that it is not all cut line by line.
    """
    if not simply_spaced(block):
        half = block.find("\n", len(block) >> 1) + 1
        if len(block) < CUT_BY_LINES or half in (0, len(block)):
            return [key for line in lines(block) for key in keys_of_any_text(line)]
        return keys_of_lines(block[:half]) + keys_of_lines(block[half:])
    keys = block.replace(" \n", " \t").replace("\n", " \n").split(" ")
    if keys[0]:
        keys[0] = f" {keys[0]}"  # there is no space before it
        return keys
    return keys[1:]


def simply_spaced(block: str) -> bool:
    """Whether there is no white space but one or two spaces, line feeds, and a space before one."""
    if "   " in block or "  \n" in block or block.endswith("  "):
        return False
    return not has_other_space(block)


def has_other_space(text: str) -> bool:
    """Whether there is white space that is neither space nor line feed."""
    return any(space in text for space in other_spaces(ascii_only=text.isascii()))


@cache
def other_spaces(*, ascii_only: bool) -> str:
    """White space of GPT-2's pattern that is neither space nor line feed."""
    every = characters_of(tables.BYTE_LEVEL_SPACE)
    return "".join(c for c in every if c not in " \n" and (c.isascii() or not ascii_only))


@cache
def key_words() -> re.Pattern[str]:
    """GPT-2's pattern for printable ASCII in byte characters, in which a space is `Ġ`."""
    return re.compile(
        r"[\0\1]|'s|'t|'re|'ve|'m|'ll|'d|Ġ?[A-Za-z]+|Ġ?[0-9]+|Ġ?[^\0\1ĠA-Za-z0-9]+|Ġ+(?![^\0Ġ])|Ġ+"
    )


@cache
def long_runs() -> re.Pattern[str]:
    """Two spaces and line feeds or more, which is found in two thirds of the time of `{2,}`."""
    return re.compile("[ \n][ \n]+")


@cache
def other_runs() -> re.Pattern[str]:
    """White space that is neither one space nor one line feed."""
    space, other = pattern_class(tables.BYTE_LEVEL_SPACE), other_spaces(ascii_only=False)
    return re.compile(f"[{space}]{{2,}}|[{other}]")
