"""The words of a corpus as a tokenizer cuts them, counted."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import NamedTuple

from wordpiece.api import CorpusInput, count_corpus
from wordpiece.errors import InputError, no_word
from wordpiece.formats.counts_file import CountsFile
from wordpiece.pretrained import Tokenizer
from wordpiece.text.added_tokens import AddedTokens
from wordpiece.text.corpora import CorpusName, expanded
from wordpiece.text.counts import WordCounter
from wordpiece.text.normalize import BertNormalizer, NoNormalizer
from wordpiece.text.pretokenize import BertPreTokenizer, ByteLevelPreTokenizer
from wordpiece.text.reading import AS_IT_IS, Faults, Reading
from wordpiece.text.rules import TextRules
from wordpiece.text.sources import sources_of
from wordpiece.text.streams import can_be_reopened
from wordpiece.tokenizer import Parts, checked
from wordpiece.types import ProgressListener, WordCounts

#: So many texts are counted together.
TEXTS_AT_ONCE = 1000


class Counted(NamedTuple):
    """The words of a corpus, and how often each token was found that is recognized in raw text."""

    words: WordCounts
    added: Mapping[int, int]


def words_of(
    tokenizer: Tokenizer,
    corpus: CorpusInput,
    *,
    reading: Reading = AS_IT_IS,
    workers: int | None = None,
    progress: ProgressListener | None = None,
) -> Counted:
    """Count the words of a corpus as encoding cuts it; word counts are taken as they are.

    They are counted apart from the tokenizer, by its rules, which is fast; and once more, text by
    text, if tokens may stand among them that are recognized in raw text. By rules that are neither
    BERT's nor GPT-2's the tokenizer itself is asked. Raises `InputError` when there is no word.
    """
    if isinstance(corpus, WordCounts):
        return Counted(corpus, {})
    rules, tokens = rules_of(tokenizer.parts), tokenizer.parts.added_tokens
    if rules is None:
        return words_by_pipeline(tokenizer, corpus, reading)
    settled = isinstance(corpus, CountsFile) and all(token.special for token in tokens)
    if settled or not tokens or can_be_read_again(corpus):
        words, _ = count_corpus(corpus, rules, reading=reading, workers=workers, progress=progress)
        text = "" if settled else "\n".join(words)
        if settled or not any(may_stand_in(text, token.content, rules) for token in tokens):
            return Counted(words, {})
    return words_between(AddedTokens(tokens), corpus, reading, rules)


def can_be_read_again(corpus: CorpusInput) -> bool:
    """Whether nothing of a corpus is gone when it has been read, as of a pipe or a generator."""
    if isinstance(corpus, str | PathLike):
        corpus = [CorpusName(os.fspath(corpus))]
    if not isinstance(corpus, Sequence):
        return False
    names = [os.fspath(item) for item in corpus if isinstance(item, PathLike)]
    return all(map(can_be_reopened, expanded(names)))


def may_stand_in(words: str, content: str, rules: TextRules) -> bool:
    """Whether the text that words are of may hold a token; a word a line.

    If it does, the words of the token stand in words of the text: what ASCII becomes does not hang
    on what is beside it, but that a word may go on there. By GPT-2's split that is so where the
    token does not begin with what can end a contraction, and has no quote and no white space at
    all: of what ends in white space, the last goes with what follows. Of any other token it is not
    known.

    >>> rules = TextRules(lowercase=True)
    >>> [may_stand_in("[\\nunmasked\\n]", token, rules) for token in ("[MASK]", "[PAD]")]
    [True, False]
    """
    pieces = WordCounter(rules)
    pieces.add(content)
    free = rules.splitting == "bert" or not (
        content[0].isalpha() or "'" in content or content.split() != [content]
    )
    if not (content.isascii() and free):
        return True
    return all(piece in words for piece in pieces.counts())


def words_between(
    tokens: AddedTokens, corpus: CorpusInput, reading: Reading, rules: TextRules
) -> Counted:
    """The words of what stands between tokens that are recognized in raw text, and these."""
    counter, found = WordCounter(rules), Counter[int]()
    plain: list[str] = []  # texts without such a token, counted together
    for text in texts_of(corpus, reading):
        holds = tokens.are_in(text)
        if holds or len(plain) == TEXTS_AT_ONCE:
            counter.add_texts(plain)
            plain = []
        if not holds:
            plain.append(text)
            continue
        for token, start, end in tokens.stretches(text):
            if token is None:
                counter.add(text[start:end])
            else:
                found[token.id] += 1
    counter.add_texts(plain)
    return not_empty(corpus, counter.counts(), found)


def words_by_pipeline(tokenizer: Tokenizer, corpus: CorpusInput, reading: Reading) -> Counted:
    """The words of texts by the whole pipeline, with added tokens counted apart."""
    tokens = AddedTokens(tokenizer.parts.added_tokens)
    words, found = Counter[str](), Counter[int]()
    for text in texts_of(corpus, reading):
        for token, start, end in tokens.stretches(text):
            if token is None:
                words.update(word.text for word in tokenizer.words(text[start:end]))
            else:
                found[token.id] += 1
    return not_empty(corpus, WordCounts(words), found)


def not_empty(corpus: CorpusInput, words: WordCounts, added: Mapping[int, int]) -> Counted:
    """What was counted. Raises `InputError` where it is nothing."""
    if not words and not added:
        files = corpus if isinstance(corpus, list) else [corpus]
        names = ", ".join(os.fspath(each) for each in files if isinstance(each, PathLike))
        raise no_word(corpus if isinstance(corpus, str) else names)
    return Counted(words, added)


def texts_of(corpus: CorpusInput, reading: Reading) -> Iterator[str]:
    """The texts of a corpus: of files a line, with its end, or a record each."""
    if isinstance(corpus, CountsFile):
        raise InputError(f"{corpus.file.name}: words of others do not say where tokens were added")
    if isinstance(corpus, str | PathLike):
        corpus = [CorpusName(os.fspath(corpus))]
    if not isinstance(corpus, Iterable):
        raise InputError(f"a corpus must be a path or texts, not {type(corpus).__name__}")
    faults = Faults(reading.on_error)
    for item in corpus:
        if not isinstance(item, PathLike):
            yield checked(item)
            continue
        for source in sources_of([os.fspath(item)], reading):
            yield from source.texts(faults)


def rules_of(parts: Parts) -> TextRules | None:
    """The rules by which words are counted as a pipeline cuts them; None where it has others."""
    normalizer, pre_tokenizer = parts.normalizer, parts.pre_tokenizer
    if type(normalizer) is BertNormalizer and type(pre_tokenizer) is BertPreTokenizer:
        return TextRules(
            "bert",
            normalizer.clean_text,
            normalizer.cjk_spacing,
            normalizer.strip_accents,
            normalizer.lowercase,
        )
    plain = type(normalizer) is NoNormalizer and pre_tokenizer == ByteLevelPreTokenizer()
    return TextRules("byte-level", False, False, False, False) if plain else None
