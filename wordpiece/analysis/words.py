"""The words of a corpus as a tokenizer cuts them, counted."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from os import PathLike
from typing import NamedTuple

from wordpiece.analysis.corpus_comparison import AS_IT_IS, file_lines
from wordpiece.api import CorpusInput, count_corpus
from wordpiece.errors import InputError
from wordpiece.formats.counts_file import CountsFile
from wordpiece.pretrained import Tokenizer
from wordpiece.text.corpora import CorpusName
from wordpiece.text.normalize import BertNormalizer, NoNormalizer
from wordpiece.text.pretokenize import BertPreTokenizer, ByteLevelPreTokenizer
from wordpiece.text.reading import Reading
from wordpiece.text.rules import TextRules
from wordpiece.tokenizer import Parts
from wordpiece.types import ProgressListener, WordCounts


class Counted(NamedTuple):
    """The words of a corpus, and how often the tokens were found that are recognized in raw text.

    Special tokens are counted as the words that their text has, as in a training.
    """

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
    """Count the words of a corpus; word counts are taken as they are.

    They are counted apart from the tokenizer, by its rules, which is fast. Tokens that were added
    to it (`add_tokens`) cut words too: with those, and by rules that are neither BERT's nor
    GPT-2's, the tokenizer itself is asked text by text. Raises `InputError` when there is no word.
    """
    if isinstance(corpus, WordCounts):
        return Counted(corpus, {})
    rules = rules_of(tokenizer.parts)
    if rules is not None and all(token.special for token in tokenizer.parts.added_tokens):
        words, _ = count_corpus(corpus, rules, reading=reading, workers=workers, progress=progress)
        return Counted(words, {})
    return words_text_by_text(tokenizer, corpus, reading)


def words_text_by_text(tokenizer: Tokenizer, corpus: CorpusInput, reading: Reading) -> Counted:
    """The words of texts by the whole pipeline, with added tokens counted apart."""
    added = {token.content: token.id for token in tokenizer.parts.added_tokens}
    words: Counter[str] = Counter()
    found: Counter[int] = Counter()
    for text in texts_of(corpus, reading):
        for word in tokenizer.words(text.removesuffix("\n")):
            id = added.get(word.text.strip())
            if id is None:
                words[word.text] += 1
            else:
                found[id] += 1
    if not words and not found:
        files = corpus if isinstance(corpus, list) else [corpus]
        names = ", ".join(os.fspath(each) for each in files if isinstance(each, PathLike))
        what = corpus if isinstance(corpus, str) else names or "the corpus"
        raise InputError(f"{what}: holds no word: it is empty or all white space")
    return Counted(WordCounts(words), found)


def texts_of(corpus: CorpusInput, reading: Reading) -> Iterator[str]:
    """The texts of a corpus: of files a line or a record each."""
    if isinstance(corpus, CountsFile):
        raise InputError(f"{corpus.file.name}: words of others do not say where tokens were added")
    if isinstance(corpus, str):
        corpus = [CorpusName(corpus)]
    for item in [corpus] if isinstance(corpus, PathLike) else corpus:
        if isinstance(item, PathLike):
            yield from file_lines([os.fspath(item)], reading)
        else:
            yield item


def rules_of(parts: Parts) -> TextRules | None:
    """The rules by which words are counted as a pipeline cuts them; None where it has others."""
    normalizer, pre_tokenizer = parts.normalizer, parts.pre_tokenizer
    if isinstance(normalizer, BertNormalizer) and isinstance(pre_tokenizer, BertPreTokenizer):
        return TextRules(
            "bert",
            normalizer.clean_text,
            normalizer.cjk_spacing,
            normalizer.strip_accents,
            normalizer.lowercase,
        )
    plain = isinstance(normalizer, NoNormalizer) and pre_tokenizer == ByteLevelPreTokenizer()
    return TextRules("byte-level", False, False, False, False) if plain else None
