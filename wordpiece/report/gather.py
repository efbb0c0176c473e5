"""Everything that a report shows, gathered before any of it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wordpiece.analysis.compare import Comparison, compare
from wordpiece.analysis.corpus_comparison import compare_trained, file_lines, spaced
from wordpiece.analysis.encoders import AnyEncoder
from wordpiece.analysis.explain import Explanation, explain
from wordpiece.analysis.inspection import Inspection, Text, inspect
from wordpiece.analysis.merge_order import symbols_of
from wordpiece.analysis.replay import Replay, Size
from wordpiece.analysis.request import models_of
from wordpiece.analysis.studied import Studied
from wordpiece.errors import InputError
from wordpiece.text.added_tokens import AddedTokens
from wordpiece.text.byte_alphabet import to_text
from wordpiece.text.reading import AS_IT_IS
from wordpiece.types import ProgressListener

#: What is split where no sample is given.
SAMPLES = ("unaffable", "Tokenizers split words into pieces.")
#: Words that are watched where none is given: the most frequent of so many characters.
WATCHED, LONG, LONGEST_WATCHED = 5, 7, 40
#: Of a long sample, so much is shown, in characters.
LONGEST_SAMPLE = 400


@dataclass(frozen=True)
class Report:
    """What a page shows; what is None or empty is left out, and `missing` says why."""

    studied: Studied
    inspection: Inspection
    samples: tuple[str, ...]
    explanations: dict[str, tuple[Explanation, ...]]
    comparison: Comparison | None
    replay: Replay | None
    sizes: tuple[Size, ...]
    missing: tuple[str, ...]


def gather(
    studied: Studied,
    text: Text,
    *,
    samples: Sequence[str] = (),
    words: Sequence[str] = (),
    others: Sequence[Studied] = (),
    documents: Sequence[str] = (),
    models_in: Path | None = None,
    progress: ProgressListener | None = None,
) -> Report:
    """Look at a training from all sides.

    `text` is what the use of the vocabulary is measured on; `samples` are split, `words` watched as
    they grow. `others` are compared with it, on `documents` or else on the samples; without others,
    `models_in` is the folder of a training, on whose corpus WordPiece, BPE and byte-level BPE are
    compared. What cannot be had is left out.
    """
    inspection = inspect(studied, text)
    missing = list(inspection.missing)
    shown = tuple(sample[:LONGEST_SAMPLE] for sample in samples or SAMPLES)
    if any(len(sample) > LONGEST_SAMPLE for sample in samples):
        missing.append(f"of long samples the rest after {LONGEST_SAMPLE} characters")
    compared = [studied, *others]
    comparison = None
    if others:
        encoders: list[AnyEncoder] = [each.encoder for each in compared]
        comparison = compare(encoders, list(documents or shown), texts=shown)
    elif models_in is not None:
        try:
            models, lines = models_of(models_in, progress=progress)
            comparison = compare_trained(models, lines)
            compared += [Studied(name, each.tokenizer) for name, each in models.items()]
        except InputError as error:
            if str(error) not in missing:
                missing.append(f"the comparison of models: {error}")
    replay = None
    if studied.trace is not None:
        replay = Replay(studied, words or usual_words(studied, text))
    sizes = []
    if replay is not None:
        sizes = [replay.size(size, text) for size in replay.usual_sizes()]
    return Report(
        studied=studied,
        inspection=inspection,
        samples=shown,
        explanations={
            sample: tuple(explain(each, sample) for each in compared) for sample in shown
        },
        comparison=comparison,
        replay=replay,
        sizes=tuple(sizes),
        missing=tuple(missing),
    )


def usual_words(studied: Studied, text: Text) -> list[str]:
    """The most frequent long words of a text; equals in the order in which they occur.

    Words in which a token stands that is recognized in raw text cannot be watched.
    """
    added = AddedTokens(studied.tokenizer.parts.added_tokens)
    byte_level = studied.model == "byte-bpe"
    vocab = studied.encoder.vocab
    found: list[str] = []
    for word, _ in sorted(text.words.items(), key=lambda item: -item[1]):
        written = to_text(word) if byte_level else word
        fits = LONG <= len(written.strip()) <= LONGEST_WATCHED and written.strip().isalpha()
        if (
            fits
            and not added.are_in(written)
            and all(symbol in vocab for symbol in symbols_of(word, studied.prefix))
        ):
            found.append(written)
        if len(found) == WATCHED:
            break
    return found


def documents_of(studied: Studied, names: Sequence[str], text: Text) -> list[str]:
    """The lines that several tokenizers are measured on; none where there is no text."""
    if names:
        lines = file_lines(names, AS_IT_IS)
    elif not text.words:
        return []
    else:
        try:
            files, reading = studied.training_files()
        except InputError:
            return []
        lines = file_lines(files, reading)
    return [line.removesuffix("\n") for line in spaced(lines)]
