"""The words that a vocabulary is changed for, and how often its tokens are used on them."""

from __future__ import annotations

from collections import Counter

from wordpiece.analysis.words import Counted, words_of
from wordpiece.api import CorpusInput
from wordpiece.errors import InputError
from wordpiece.models.base import Model
from wordpiece.pretrained import Tokenizer
from wordpiece.text.reading import Reading
from wordpiece.types import ProgressListener, WordCounts


def words_for(
    base: Tokenizer,
    corpus: CorpusInput,
    *,
    reading: Reading,
    workers: int | None,
    progress: ProgressListener | None,
) -> Counted:
    """The words that a vocabulary is changed for. Raises `InputError` when there is none."""
    found = words_of(base, corpus, reading=reading, workers=workers, progress=progress)
    if not found.words and not isinstance(corpus, WordCounts):
        raise InputError("the corpus holds no word: there is nothing in it but added tokens")
    return found


def uses(model: Model, counts: WordCounts) -> Counter[str]:
    """How often each token is used on words."""
    tokens = {id: token for token, id in model.vocab.items()}
    found: Counter[str] = Counter()
    for word, count in counts.items():
        for id in model.ids(word):
            found[tokens[id]] += count
    return found
