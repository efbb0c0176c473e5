"""Cut text where the cut cannot change the words.

Text repeats itself, so normalizing and splitting are done once per distinct chunk. White space is a
boundary for BERT's rules: no stage looks across it. For GPT-2's pattern a chunk is a run of
anything but white space with the one space before it, or a run of white space: the pattern never
matches across these.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate, compress
from typing import NamedTuple, Protocol

from wordpiece.text import byte_alphabet
from wordpiece.text import unicode_tables as tables
from wordpiece.text.code_points import Patterns, characters_of, pattern_class
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
    gpt2_pattern,
)

#: White space to `str.split`, nothing at all to clean_text: VT, FF, information separators, NEL.
DELETED_SEPARATORS = "\x0b\x0c\x1c\x1d\x1e\x1f\x85"
#: A long text is cut into parts of about so many characters.
PART = 1 << 20
#: White space, letters and digits to everybody: Latin, Greek, Cyrillic, Hebrew, Arabic, Korean.
WHITE = " \t\n\r"
LETTER = "[0-9A-Za-zÀ-ÖØ-öø-ɏα-ωА-яא-תا-غ가-힣]"
#: Letters that only stripping accents could change, and that are words with their like: Hangul and
#: its letters by themselves, Cyrillic in lower case.
KEPT_LETTERS = "ㄱ-ㅎㅏ-ㅣ가-힣а-я"
#: A block of fewer characters in which there is more than spaces is cut by the pattern.
CUT_BY_PATTERN = 1 << 11
#: Punctuation that stands beside words, the most frequent in text of most kinds.
COMMON_MARKS = b",.\"-';!?"
#: Punctuation beyond ASCII that is frequent in text of many kinds.
PUNCTUATION = "‘’“”–—…"
#: How many chunks are normalized and split as one text.
CHUNKS_AT_ONCE = 1 << 10
#: How many characters say whether there are many ideographs.
IDEOGRAPHS_AMONG = 1 << 10
#: Before the words of each key, and in place of the words of a key; no word begins with either.
NEXT, OTHER = "\0", "\1"
#: Between two chunks of one key.
WITHIN = "\2"
#: Zero for white space of Latin-1, and for bytes of UTF-8 that go on with a character.
_WHITE_TO_ZERO = bytes(0 if chr(byte) in f"{WHITE}\xa0" else 1 for byte in range(256))
_BEGINS_CHARACTER = bytes(int(byte & 0xC0 != 0x80) for byte in range(256))
_DELETE = dict.fromkeys(map(ord, DELETED_SEPARATORS))


class Quickened(NamedTuple):
    """Texts, and the fastest cut for them."""

    texts: list[str]
    cut: Callable[[str], list[str]]


class Places(NamedTuple):
    """For each character of the words of a text, one word after the other, its place in the text.

    With `adjoining`, those of a word stand next to each other, as many as there are in the word.
    """

    each: Sequence[int]
    adjoining: bool


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
        lines, patterns = self._as_lines(part)
        if self.normalizer.cjk_spacing and has_many_ideographs(lines):
            for word, count in counted_ideographs(lines).items():
                words[word] = words.get(word, 0) + count
            part = [chunk for chunk in part if chunks[chunk] > 1]
            counts = (chunks[chunk] - 1 for chunk in part)
            lines, patterns = self._as_lines(part)
        count = 0
        for word in patterns.on(lines).findall(lines):
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
            return self.normalizer.normalize_lines(chunks), bert_pattern(lines=True)
        spacing = self.normalizer.cjk_spacing
        return joined, bert_text_pattern(cjk_spacing=spacing, lines=True)


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
        text = self.pre_tokenizer.prefixed(text)
        if has_other_space(text):
            return keys_around(other_runs(), text)
        return keys_of_text(text)

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

    Those that `bert_text_pattern` finds, with a match for no more than each run of characters that
    do not stand alone: each character between two of these is a word, but for white space.

    >>> counted_ideographs("北京 2024，北 ")
    Counter({'北': 2, '京': 1, '2024': 1, '，': 1})
    """
    pieces = bert_run_pattern().on(text).split(text)
    words = [*pieces[0]]
    for run, between in zip(pieces[1::2], pieces[2::2], strict=True):
        words.append(run)
        words += between
    counted = Counter(words)
    for blank in blanks():
        counted.pop(blank, None)
    return counted


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
    that is more than two spaces or a space and a line feed) the pattern is needed: of a large block
    each half is looked at again, so that it is not all cut by the pattern.
    """
    if not simply_spaced(block):
        half = block.find("\n", len(block) >> 1) + 1
        if len(block) < CUT_BY_PATTERN or half in (0, len(block)):
            return list(map(" ".__add__, line_chunk_pattern().findall(block)))
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


def parts(text: str, white: str = WHITE) -> Iterator[str]:
    """A text in parts of some size, cut before white space that stands between two letters.

    >>> [len(part) for part in parts("ab " * PART)]
    [1048577, 1048578, 1048573]
    """
    start = 0
    while len(text) - start > PART and (found := between(white).search(text, start + PART)):
        yield text[start : found.start() + 1]
        start = found.start() + 1
    yield text[start:]


def lines(block: str) -> list[str]:
    """The lines of a block, each with its line feed; no other character ends a line.

    >>> lines("a\\r\\nb\\x0bc")
    ['a\\r\\n', 'b\\x0bc']
    """
    return re.findall(r"[^\n]*\n|[^\n]+", block)


@cache
def between(white: str) -> re.Pattern[str]:
    """A letter or digit before white space and another."""
    return re.compile(f"{LETTER}(?=[{white}]{LETTER})")


@cache
def other_spaces(*, ascii_only: bool) -> str:
    """White space of GPT-2's pattern that is neither space nor line feed."""
    every = characters_of(tables.BYTE_LEVEL_SPACE)
    return "".join(c for c in every if c not in " \n" and (c.isascii() or not ascii_only))


@cache
def ideographs() -> re.Pattern[str]:
    """An ideograph."""
    return re.compile(f"[{pattern_class(tables.CJK)}]")


@cache
def blanks() -> str:
    """All white space of BERT's rules."""
    return characters_of(BLANKS)


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


@cache
def line_chunk_pattern() -> re.Pattern[str]:
    """The chunks of a block of lines: no run of white space goes on after a line feed."""
    space = pattern_class(tables.BYTE_LEVEL_SPACE)
    inner = f"(?!\\n)[{space}]"
    return re.compile(f" ?[^{space}]+|(?:{inner})*\\n|(?:{inner})+(?![^{space}])|(?:{inner})+")
