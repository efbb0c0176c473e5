"""The vocabulary inspected: composition, health, and use on a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wordpiece.analysis.composition import (
    Composition,
    OneForm,
    Suspect,
    composition,
    longest,
    near_duplicates,
    one_form,
    suspects,
)
from wordpiece.analysis.lineage import Lineage
from wordpiece.analysis.reachability import Reach, met_in, reachability
from wordpiece.analysis.studied import Inspectable, Studied, count_files, studied_of
from wordpiece.analysis.use import Use, use_of
from wordpiece.analysis.words import words_of
from wordpiece.errors import FormatError, InputError
from wordpiece.text.corpora import CorpusName
from wordpiece.text.reading import AS_IT_IS, Reading
from wordpiece.text.rules import TextRules
from wordpiece.types import ProgressListener, WordCounts


@dataclass(frozen=True)
class Inspection:
    """What there is to say of a vocabulary.

    `reach` has every regular token, `unreachable` those of them that no text produces, `undecided`
    those of which it is not known. `chains` are tokens that were only steps to a longer one (from
    the trace). `use` is of the text that was looked at, None without one. `missing` says what could
    not be shown, and what would show it.
    """

    name: str
    model: str
    tokens: Mapping[int, str] = field(repr=False)
    vocab_size: int
    special_tokens: tuple[str, ...]
    composition: Composition
    longest: tuple[tuple[str, int], ...]
    reach: tuple[Reach, ...]
    one_form: OneForm | None
    near_duplicates: tuple[tuple[str, ...], ...]
    suspects: tuple[Suspect, ...]
    chains: tuple[tuple[str, ...], ...]
    use: Use | None
    missing: tuple[str, ...]

    @property
    def unreachable(self) -> list[Reach]:
        """The tokens that no text produces, in id order."""
        return [each for each in self.reach if each.reachable is False]

    @property
    def undecided(self) -> list[Reach]:
        """The tokens of which neither a witness nor a proof was found."""
        return [each for each in self.reach if each.reachable is None]


@dataclass(frozen=True)
class Text:
    """The words of a text and where they are from; `problem` says why there are none.

    `added` counts added tokens that were cut out of the text before its words, by id.
    """

    words: WordCounts
    source: str = ""
    problem: str = ""
    added: Mapping[int, int] = field(default_factory=dict)


def inspect(studied: Inspectable, text: Text | None = None) -> Inspection:
    """Look at a vocabulary, and at its use on a text.

    >>> from wordpiece import presets
    >>> from wordpiece.pretrained import Tokenizer
    >>> tokenizer = Tokenizer(presets.wordpiece(["[UNK]", "a", "##b", "ab", "##。"]))
    >>> found = inspect(Studied("small", tokenizer))
    >>> found.composition.regular, [(each.token, each.stage) for each in found.unreachable]
    (4, [('##。', 'pre-tokenizer')])
    """
    studied = studied_of(studied)
    encoder = studied.encoder
    special = [token for token in encoder.tokenizer.parts.added_tokens if token.special]
    reached = reachability(encoder)
    missing = [studied.untraced] if studied.untraced else []
    if text is not None and text.problem:
        missing.append(text.problem)
    return Inspection(
        name=studied.name,
        model=studied.model,
        tokens={id: token for token, id in encoder.vocab.items()},
        vocab_size=encoder.vocab_size,
        special_tokens=tuple(token.content for token in special),
        composition=composition(encoder),
        longest=tuple(longest(encoder)),
        reach=tuple(met_in(encoder, each, text.words if text else ()) for each in reached),
        one_form=one_form(encoder),
        near_duplicates=tuple(near_duplicates(encoder)),
        suspects=tuple(suspects(encoder)),
        chains=tuple(Lineage(studied.trace).chains()) if studied.trace else (),
        use=use_of(studied, text.words, source=text.source, added=text.added)
        if text and text.words
        else None,
        missing=tuple(missing),
    )


def training_text(
    studied: Studied, *, raw: bool = False, progress: ProgressListener | None = None
) -> Text:
    """The words of the corpus of the training, or why they are not to be had.

    They are cut as they were for the training, or if `raw`, as they stand there (see
    `raw_text_of`).
    """
    try:
        words = studied.training_words(TextRules() if raw else None, progress=progress)
    except (InputError, FormatError) as error:
        return Text(WordCounts({}), problem=str(error))
    return Text(words, f"the training text of {studied.name}" if raw else "the training text")


def text_of(
    studied: Studied,
    names: Sequence[str],
    *,
    reading: Reading = AS_IT_IS,
    progress: ProgressListener | None = None,
) -> Text:
    """The words of files as a tokenizer cuts them. Raises `InputError` when there is none."""
    corpus = list(map(CorpusName, names))
    words, added = words_of(studied.tokenizer, corpus, reading=reading, progress=progress)
    return Text(words, ", ".join(Path(name).name for name in names), added=added)


def raw_text_of(
    names: Sequence[str], *, reading: Reading = AS_IT_IS, progress: ProgressListener | None = None
) -> Text:
    """The words of files as they stand there, by BERT's split, as metrics count them."""
    words, _ = count_files(names, TextRules(), reading=reading, progress=progress)
    return Text(words, ", ".join(names))
