"""Cut text where the cut cannot change the words.

Text repeats itself, so normalizing and splitting are done once per distinct chunk. White space is a
boundary for BERT's rules: no stage looks across it. For GPT-2's pattern see `byte_level_chunks`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, compress
from typing import Any, Protocol

from wordpiece.text import unicode_tables as tables
from wordpiece.text.byte_level_chunks import ByteLevelChunks
from wordpiece.text.code_points import Patterns, characters_of, first_plane_class
from wordpiece.text.cuts import CHUNKS_AT_ONCE, WHITE, Places, Quickened, lines, parts
from wordpiece.text.normalize import BertNormalizer, NoNormalizer, Normalized, Normalizer
from wordpiece.text.pretokenize import (
    ASCII_WORDS,
    BLANKS,
    BertPreTokenizer,
    ByteLevelPreTokenizer,
    PreTokenizer,
    bert_pattern,
    bert_run_pattern,
    bert_text_pattern,
)

#: White space to `str.split`, nothing at all to clean_text: VT, FF, information separators, NEL.
DELETED_SEPARATORS = "\x0b\x0c\x1c\x1d\x1e\x1f\x85"
#: Letters that only stripping accents could change, and that are words with their like: Hangul and
#: its letters by themselves, Cyrillic in lower case.
KEPT_LETTERS = "ㄱ-ㅎㅏ-ㅣ가-힣а-я"
#: Punctuation that stands beside words, the most frequent in text of most kinds.
COMMON_MARKS = b",.\"-';!?"
#: Punctuation beyond ASCII that is frequent in text of many kinds.
PUNCTUATION = "‘’“”–—…"
#: How many characters say whether there are many ideographs.
IDEOGRAPHS_AMONG = 1 << 10
#: Zero for white space of Latin-1.
_WHITE_TO_ZERO = bytes(0 if chr(byte) in f"{WHITE}\xa0" else 1 for byte in range(256))
concatenated = chain.from_iterable
_DELETE = dict.fromkeys(map(ord, DELETED_SEPARATORS))


class Chunker(Protocol):
    """Cuts text into chunks, and chunks into words.

    A chunk goes by its key, which is the chunk itself where a chunker does not say otherwise.
    """

    def cut(self, text: str) -> list[str]:
        """The keys of the chunks of one text."""

    def quickened(self, texts: list[str], joined: str) -> Quickened:
        """Texts made ready for the fastest cut; `joined` is all of them, with NULs between."""

    def parts(self, text: str) -> Iterable[str]:
        """A long text in parts that may be cut one by one."""

    def words(self, key: str) -> list[str]:
        """The words of a chunk, as the model gets them, by its key."""

    @property
    def splits_punctuation(self) -> bool:
        """Whether every punctuation character of ASCII is a word by itself."""

    def places(self, text: str) -> Places:
        """Where the characters of the words of one text stand in it."""

    def word_sizes(self, text: str) -> list[int]:
        """How many characters each word of one text has, as the model gets it."""

    def aligned_words(self, text: str) -> list[Normalized]:
        """The words of one text, with the origin of each of their characters."""

    def keys(self, text: str) -> list[str]:
        """What to count in place of the chunks of one text."""

    def line_keys(self, block: str) -> list[str]:
        """The same for a block of lines, each line a text with its line end."""

    def add_words(self, keys: Mapping[str, int], words: dict[str, int]) -> None:
        """Add the words of counted keys to counts of words, in the order of the keys."""


def chunker(normalizer: Normalizer, pre_tokenizer: PreTokenizer) -> Chunker:
    """The finest cut that is safe for a normalizer and a pre-tokenizer.

    What is made from either by a subclass may do anything, so it gets whole texts.
    """
    if type(normalizer) not in (BertNormalizer, NoNormalizer) or type(pre_tokenizer) not in (
        BertPreTokenizer,
        ByteLevelPreTokenizer,
    ):
        return WholeTexts(normalizer, pre_tokenizer)
    match normalizer, pre_tokenizer:
        case BertNormalizer(clean_text=True), BertPreTokenizer():
            return WhitespaceChunks(normalizer, pre_tokenizer)
        case NoNormalizer(), ByteLevelPreTokenizer(use_regex=True):
            return ByteLevelChunks(pre_tokenizer)
    return WholeTexts(normalizer, pre_tokenizer)


@dataclass(frozen=True)
class WhitespaceChunks:
    """Chunks between white space, for BERT's rules with clean_text.

    >>> WhitespaceChunks(BertNormalizer(), BertPreTokenizer()).cut("one two\\x0bthree")
    ['one', 'twothree']

    Python's `str.split` takes seven characters for white space that clean_text deletes, so that
    their neighbors join; they are deleted first.
    """

    normalizer: BertNormalizer
    pre_tokenizer: BertPreTokenizer
    splits_punctuation = True

    def cut(self, text: str) -> list[str]:
        """The chunks of a text."""
        if any(separator in text for separator in DELETED_SEPARATORS):
            text = text.translate(_DELETE)
        return text.split()

    def quickened(self, texts: list[str], joined: str) -> Quickened:
        """`str.split`, unless there is something to delete; of spaced texts, if none has a NUL."""
        if any(separator in joined for separator in DELETED_SEPARATORS):
            return Quickened(texts, self.cut)
        if joined.count("\0") == len(texts) - 1:
            texts = self._spaced(joined).split("\0")
        return Quickened(texts, str.split)

    def _spaced(self, text: str) -> str:
        """A text with the same words in the same order, of which fewer chunks differ.

        ASCII is in lower case where that is the rule, and there are spaces around the commonest
        marks, which are words wherever they stand. Bytes are quicker to search than characters, and
        their `lower` changes nothing but ASCII.
        """
        data = text.encode("utf-8", "surrogatepass")
        if self.normalizer.lowercase:
            data = data.lower()
        for mark in COMMON_MARKS:
            data = data.replace(b"%c" % mark, b" %c " % mark)
        return data.decode("utf-8", "surrogatepass")

    def parts(self, text: str) -> Iterable[str]:
        """A long text cut between words."""
        return parts(text)

    def places(self, text: str) -> Places:
        """Where all that is not white space stands, where nothing else is changed than letters."""
        if self._keeps_length_of(text):
            return Places(list(compress(range(len(text)), seen(text))), adjoining=True)
        normalized, origins = self.normalizer.normalize_aligned(text)
        return Places(list(compress(origins, seen(normalized))), adjoining=False)

    def word_sizes(self, text: str) -> list[int]:
        """How many characters each word has."""
        strips = self.normalizer.strips_accents
        if self._is_plain(text):
            return list(map(len, kept_words(strips_accents=strips, capitals=True).findall(text)))
        return list(map(len, self._words_of(text)))

    def aligned_words(self, text: str) -> list[Normalized]:
        """The words of a text, with the origin of each of their characters."""
        return self.pre_tokenizer.split_aligned(self.normalizer.normalize_aligned(text))

    def _keeps_length_of(self, text: str) -> bool:
        """Whether every character of a text that is not white space becomes one character."""
        return self._is_plain(text) or not self.normalizer.changes_length_of(text)

    def _is_plain(self, text: str) -> bool:
        """Whether normalizing changes nothing of a text but the case of ASCII, easily told."""
        pattern = plain_text(strips_accents=self.normalizer.strips_accents)
        return pattern.fullmatch(text) is not None

    def _words_of(self, text: str) -> list[str]:
        """The words of any text."""
        if self.normalizer.changes_letters_of(text):
            return self.pre_tokenizer.split(self.normalizer.normalize(text))
        return self._text_patterns.on(text).findall(text)

    def _kept_words(self, chunk: str) -> list[str] | None:
        """The words of a chunk that stays as it is, if they are of the most frequent characters."""
        words = self._kept_pattern.findall(chunk)
        return words if "".join(words) == chunk else None

    @cached_property
    def _kept_pattern(self) -> re.Pattern[str]:
        return kept_words(strips_accents=self.normalizer.strips_accents)

    @cached_property
    def _text_patterns(self) -> Patterns:
        return bert_text_pattern(cjk_spacing=self.normalizer.cjk_spacing)

    def words(self, chunk: str) -> list[str]:
        """The words of a chunk.

        Of printable ASCII only the case can change, and its words are told by a smaller pattern.
        """
        if not (chunk.isascii() and chunk.isprintable()):
            return self._kept_words(chunk) or self._words_of(chunk)
        if self.normalizer.lowercase:
            chunk = chunk.lower()
        if chunk.isalnum():
            return [chunk]
        word = chunk[:-1]
        return [word, chunk[-1]] if word.isalnum() else ASCII_WORDS.findall(chunk)

    def keys(self, text: str) -> list[str]:
        """The chunks of a text, spaced."""
        return self.cut(self._spaced(text))

    def line_keys(self, block: str) -> list[str]:
        """The same of a block of lines: a line end is white space like any other."""
        return self.keys(block)

    def add_words(self, keys: Mapping[str, int], words: dict[str, int]) -> None:
        """Add the words of counted chunks, in the order of the chunks."""
        each = list(keys)
        for at in range(0, len(each), CHUNKS_AT_ONCE):
            part = each[at : at + CHUNKS_AT_ONCE]
            if 2 * sum(map(str.isascii, part)) > len(part):
                self._add_singly(part, keys, words)
            else:
                self._add_together(part, keys, words)

    def _add_singly(
        self, part: list[str], chunks: Mapping[str, int], words: dict[str, int]
    ) -> None:
        """Add the words of chunks that are mostly ASCII: in most of them there is little to do."""
        lowercase = self.normalizer.lowercase
        split, known = self.words, words.get
        for chunk in part:
            count = chunks[chunk]
            if chunk.isalnum() and chunk.isascii():
                word = chunk.lower() if lowercase else chunk
                words[word] = known(word, 0) + count
            else:
                for word in split(chunk):
                    words[word] = known(word, 0) + count

    def _add_together(
        self, part: list[str], chunks: Mapping[str, int], words: dict[str, int]
    ) -> None:
        """Add the words of chunks, normalized and split all at once.

        Of ideographs, where most chunks are there once, all are counted once before.
        """
        counts: Iterator[int] = map(chunks.__getitem__, part)
        joined, patterns = self._as_lines(part)
        found: Iterable[str]
        if self.normalizer.cjk_spacing and has_many_ideographs(joined):
            for word, count in counted_ideographs(joined).items():
                words[word] = words.get(word, 0) + count
            part = [chunk for chunk in part if chunks[chunk] > 1]
            counts = (chunks[chunk] - 1 for chunk in part)
            found = words_and_spaces(self._as_lines(part)[0])
            found = (word for word in found if word == "\n" or word not in blanks())
        else:
            found = patterns.on(joined).findall(joined)
        count = 0
        for word in found:
            if word == "\n":
                count = next(counts)
            else:
                words[word] = words.get(word, 0) + count

    def _as_lines(self, chunks: list[str]) -> tuple[str, Patterns]:
        """Chunks with a line feed before each, normalized, and what finds the words and line feeds.

        Both rules are applied to the whole: a line feed is white space to both.
        """
        joined = "".join(f"\n{chunk}" for chunk in chunks)
        if self.normalizer.changes_letters_of(joined):
            if self.normalizer.changes_case_or_accents:
                return self.normalizer.normalize_lines(chunks), bert_pattern(lines=True)
            joined = self.normalizer.without_deleted(joined)
        spacing = self.normalizer.cjk_spacing
        return joined, bert_text_pattern(cjk_spacing=spacing, lines=True)


@dataclass(frozen=True)
class WholeTexts:
    """Each text one chunk, for rules that allow no other cut."""

    normalizer: Normalizer
    pre_tokenizer: PreTokenizer
    splits_punctuation = False

    def cut(self, text: str) -> list[str]:
        """The text."""
        return [text] if text else []

    def quickened(self, texts: list[str], joined: str) -> Quickened:
        """There is only one cut."""
        return Quickened(texts, self.cut)

    def parts(self, text: str) -> Iterable[str]:
        """The text."""
        return (text,)

    def words(self, chunk: str) -> list[str]:
        """The words of a text."""
        return self.pre_tokenizer.split(self.normalizer.normalize(chunk))

    def places(self, text: str) -> Places:
        """Where the characters of its words stand."""
        return places_of(self.aligned_words(text))

    def word_sizes(self, text: str) -> list[int]:
        """How many characters each word has."""
        return list(map(len, self.words(text)))

    def aligned_words(self, text: str) -> list[Normalized]:
        """The words of a text, with the origin of each of their characters."""
        return self.pre_tokenizer.split_aligned(self.normalizer.normalize_aligned(text))

    def keys(self, text: str) -> list[str]:
        """The text."""
        return self.cut(text)

    def line_keys(self, block: str) -> list[str]:
        """The lines."""
        return lines(block)

    def add_words(self, keys: Mapping[str, int], words: dict[str, int]) -> None:
        """Add the words of counted texts."""
        for text, count in keys.items():
            for word in self.words(text):
                words[word] = words.get(word, 0) + count


def seen(text: str) -> bytes:
    """A byte for each character, which is zero for white space of Latin-1.

    >>> list(seen("a 한"))
    [1, 0, 1]
    """
    return text.encode("latin-1", "replace").translate(_WHITE_TO_ZERO)


def places_of(words: Iterable[Normalized]) -> Places:
    """The places of the characters of words.

    >>> places_of([Normalized("no", range(2)), Normalized(".", [5])])
    Places(each=[0, 1, 5], adjoining=False)
    """
    return Places([at for _, origins in words for at in origins], adjoining=False)


def has_many_ideographs(text: str) -> bool:
    """Whether a fourth of the beginning of a text is ideographs, which are words by themselves.

    >>> has_many_ideographs("北京 2024"), has_many_ideographs("Beijing 北京")
    (True, False)
    """
    start = text[:IDEOGRAPHS_AMONG]
    return 4 * len(ideographs().findall(start)) >= len(start)


def counted_ideographs(text: str) -> Counter[str]:
    """The words of BERT's rules in a normalized text, in the order of their first places.

    >>> counted_ideographs("北京 2024，北 ")
    Counter({'北': 2, '京': 1, '2024': 1, '，': 1})
    """
    counted = Counter(words_and_spaces(text))
    for blank in blanks():
        counted.pop(blank, None)
    return counted


def words_and_spaces(text: str) -> Iterator[str]:
    """The words of BERT's rules in a normalized text, and each character of white space.

    With a match for no more than each run of characters that do not stand alone: each character
    between two of these is a word, or white space.

    >>> list(words_and_spaces("北京 2024，北"))
    ['北', '京', ' ', '2024', '，', '北']
    """
    pieces: list[Any] = bert_run_pattern().on(text).split(text)
    pieces[1::2] = zip(pieces[1::2])  # a run is one word, and not its characters
    return concatenated(pieces)


@cache
def ideographs() -> re.Pattern[str]:
    """An ideograph of the first plane, as nearly all are in text."""
    return re.compile(f"[{first_plane_class(tables.CJK)}]")


@cache
def blanks() -> frozenset[str]:
    """All white space of BERT's rules."""
    return frozenset(characters_of(BLANKS))


@cache
def kept_words(*, strips_accents: bool, capitals: bool = False) -> re.Pattern[str]:
    """BERT's words of characters that normalizing leaves as they are, and common punctuation.

    With `capitals`, those of ASCII too, of which it may change the case.
    """
    letters = ("A-Z" if capitals else "") + ("" if strips_accents else KEPT_LETTERS)
    return re.compile(f"[0-9a-z{letters}]+|[!-/:-@\\[-`{{-~{PUNCTUATION}]")


@cache
def plain_text(*, strips_accents: bool) -> re.Pattern[str]:
    """Text of the characters of `kept_words`, capitals of ASCII, and white space."""
    letters = "" if strips_accents else KEPT_LETTERS
    return re.compile(f"[{WHITE}!-~{PUNCTUATION}{letters}]*")
