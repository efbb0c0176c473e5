"""What to know about a vocabulary that was just learned, before a model is trained on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wordpiece.text.chunks import Chunker
from wordpiece.text.rules import TextRules
from wordpiece.training.trainers import Learned, TrainingOptions

#: A pair seen fewer times than this is a thin reason for a token.
FEW = 5
#: The share of merges above which thin reasons are worth a word.
NOTABLE = 0.01
#: Conjoining Jamo: what accent stripping makes of Hangul syllables.
JAMO = range(0x1100, 0x1200)


def warnings(learned: Learned, options: TrainingOptions, rules: TextRules) -> Iterator[str]:
    """One line for each thing to watch for."""
    yield from early_end(learned, options)
    yield from rare_merges(learned, options)
    if options.model == "wordpiece":
        yield from missing_forms(learned, rules)
    if options.model != "byte-bpe":
        yield from split_hangul(learned, rules)


def early_end(learned: Learned, options: TrainingOptions) -> Iterator[str]:
    """The size was not reached."""
    if learned.stopped != "size":
        yield (
            f"the vocabulary ended at {len(learned.tokens):,} of {options.vocab_size:,} tokens: "
            f"{learned.stopped}; more text, or a lower --min-frequency, gives more"
        )


def rare_merges(learned: Learned, options: TrainingOptions) -> Iterator[str]:
    """Much of the vocabulary rests on pairs that are hardly ever seen."""
    rare = sum(merge.f_ab < FEW for merge in learned.merges)
    if rare > NOTABLE * len(learned.merges):
        other = "; --score gain weighs them" if options.score == "likelihood" else ""
        yield (
            f"{rare:,} of {len(learned.merges):,} merges ({rare / len(learned.merges):.0%}) rest "
            f"on pairs seen fewer than {FEW} times: --min-frequency {FEW} passes them over{other}"
        )


def missing_forms(learned: Learned, rules: TextRules) -> Iterator[str]:
    """Characters that the vocabulary knows only at the start of a word, or only inside one."""
    no_continuing, no_beginning = learned.alphabet.one_form_only
    inside = standing_inside(no_continuing, rules.chunker())
    if inside:
        yield (
            f"no ## form of {listed(inside)}: a word with one of them inside becomes [UNK]; "
            "--full-alphabet adds the forms"
        )
    if no_beginning:
        yield (
            f"only a ## form of {listed(no_beginning)}: a word that begins with one of them "
            "becomes [UNK]; --full-alphabet adds the other form"
        )


def standing_inside(chars: Iterable[str], chunker: Chunker) -> list[str]:
    """The characters that the pipeline leaves inside a word: no punctuation, no ideographs.

    >>> standing_inside("b,北éB", TextRules(lowercase=True).chunker())
    ['b', 'é', 'B']
    """
    around = {f"a{char}a": char for char in chars}
    words: dict[str, int] = {}
    chunker.add_words(dict.fromkeys(around, 1), words)
    return [
        char
        for word, char in around.items()
        if word in words or (char not in words and len(chunker.words(word)) == 1)
    ]


def split_hangul(learned: Learned, rules: TextRules) -> Iterator[str]:
    """Accent stripping has taken Korean apart."""
    jamo = any(ord(char) in JAMO for char in learned.alphabet.kept)
    if rules.normalizer().strips_accents and jamo:
        yield (
            "accent stripping splits Hangul into Jamo (BERT's uncased rule: NFD, never composed "
            "again), so the tokens hold "
            "parts of syllables: --no-strip-accents keeps syllables whole"
        )


def listed(chars: Iterable[str], most: int = 8) -> str:
    """`12 characters (a, b, c, …)`."""
    chars = list(chars)
    shown = ", ".join(chars[:most]) + (", …" if len(chars) > most else "")
    return f"{len(chars):,} character{'s' if len(chars) > 1 else ''} ({shown})"
