"""What a user asks to have compared, and how it is carried out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from wordpiece.analysis.compare import Comparison, compare
from wordpiece.analysis.corpus_comparison import (
    CorpusSetup,
    Lines,
    compare_corpus,
    distinct_words,
    read_lines,
    spaced,
    train_all,
    with_text,
    with_words,
)
from wordpiece.analysis.encoders import AnyEncoder, OurEncoder, load
from wordpiece.analysis.morphology import BEFORE, Gold, read_gold
from wordpiece.analysis.parity import ParityCheck, Trained, check_parity
from wordpiece.analysis.studied import check_unchanged
from wordpiece.errors import InputError, OptionError
from wordpiece.formats.model_dir import COMPARED, COMPARED_SCORES
from wordpiece.formats.tokenizer_json import Json
from wordpiece.presets import BERT_SPECIAL_TOKENS, GPT2_SPECIAL_TOKENS
from wordpiece.text.reading import DecodingErrors, Format, OnError, Reading
from wordpiece.text.rules import TextRules
from wordpiece.training.scores import ScoreName
from wordpiece.training.trainers import TrainingOptions
from wordpiece.types import ProgressListener


@dataclass(frozen=True)
class Request:
    """A comparison of tokenizers that are there, or of trainings; None means "not said"."""

    texts: tuple[str, ...] = ()
    tokenizers: tuple[str, ...] = ()
    corpus: tuple[str, ...] = ()
    vocab_size: int | None = None
    eval_file: str | None = None
    gold: str | None = None
    scores: bool = False
    score: ScoreName | None = None
    min_frequency: int | None = None
    parity: bool = True
    format: Format | None = None
    field: str | None = None
    column: str | None = None
    errors: DecodingErrors | None = None
    on_error: OnError | None = None
    lowercase: bool | None = None
    strip_accents: bool | None = None
    cjk_spacing: bool | None = None

    @property
    def text_options(self) -> dict[str, bool]:
        """What was said of the text."""
        options = {
            "lowercase": self.lowercase,
            "strip_accents": self.strip_accents,
            "cjk_spacing": self.cjk_spacing,
        }
        return {name: value for name, value in options.items() if value is not None}

    @property
    def reading_options(self) -> dict[str, Any]:
        """What was said of how files are to be read."""
        said = {name: getattr(self, name) for name in Reading._fields}
        return {name: value for name, value in said.items() if value is not None}

    def rules(self, known: TextRules) -> TextRules:
        """The rules that are known, but for what was said."""
        return known._replace(
            lowercase=self.text_options.get("lowercase", known.lowercase),
            strip_accents=self.text_options.get("strip_accents", known.strip_accents),
            cjk_spacing=self.text_options.get("cjk_spacing", known.cjk_spacing),
        )


def carry_out(
    request: Request, folder: Path, *, progress: ProgressListener | None = None
) -> Comparison:
    """Compare what was asked for; `folder` holds the last training, for when no corpus is named."""
    gold = None if request.gold is None else read_gold(request.gold)
    if request.tokenizers:
        return compare_named(request, gold)
    if request.corpus:
        setup, cache = named_corpus(request), None
    else:
        setup = last_training(request, folder)
        cache = folder / (COMPARED_SCORES if request.scores else COMPARED)
    return compare_corpus(
        setup,
        texts=request.texts,
        cache=cache,
        parity=request.parity,
        gold=gold,
        progress=progress,
    )


def compare_named(request: Request, gold: Gold | None) -> Comparison:
    """Compare tokenizers that are there already."""
    for name in ("corpus", "scores", "vocab_size", "score", "min_frequency"):
        value = getattr(request, name)
        if value is not None and value is not False and value != ():
            option = name.replace("_", "-")
            raise OptionError(f"--{option}: is for a training, --tokenizer is for what is trained")
    if request.reading_options and not request.eval_file:
        option = next(iter(request.reading_options)).replace("_", "-")
        raise OptionError(f"--{option}: is for the file that --eval names")
    names = request.tokenizers
    if request.text_options and not any(map(is_bare, names)):
        option = next(iter(request.text_options)).replace("_", "-")
        raise OptionError(f"--{option}: is for a bare vocab.txt; the others say it themselves")
    both = zip(names, short_names(names), strict=True)
    encoders = [load_as(request, path, name) for path, name in both]
    if len({encoder.name for encoder in encoders}) < len(encoders):
        raise OptionError(f"--tokenizer: one is named twice in {', '.join(names)}")
    documents, number = list(request.texts), None
    if request.eval_file:
        lines = with_words((request.eval_file,), Reading(**request.reading_options))
        documents = [line.removesuffix("\n") for line in spaced(lines)]
        number = len(with_text(lines))
    if not documents and gold is None:
        raise InputError("nothing to measure on: give a TEXT, --eval FILE or --gold FILE")
    comparison = compare(encoders, documents, texts=request.texts or documents[:3], gold=gold)
    comparison = replace(comparison, lines=number)
    if not request.parity:
        return comparison
    checks, unchecked = named_parity(encoders, documents, gold)
    return replace(comparison, parity=tuple(checks), unchecked=tuple(unchecked))


def named_parity(
    encoders: Sequence[AnyEncoder], documents: Sequence[str], gold: Gold | None
) -> tuple[list[ParityCheck], list[str]]:
    """Parity on all that was measured, the words of gold too; and what has no reference."""
    listed = [BEFORE + each.word for each in gold.words] if gold else []
    words = [*distinct_words(documents), *listed]
    checks: list[ParityCheck] = []
    unchecked = []
    for encoder in encoders:
        if not isinstance(encoder, OurEncoder):
            unchecked.append(f"{encoder.name}: is run by tokenizers itself")
            continue
        if encoder.refused:
            unchecked.append(f"{encoder.name}, reading: tokenizers refuses it ({encoder.refused})")
        reference = encoder.reference
        found = check_parity(
            encoder.tokenizer, words=words, lines=documents, name=encoder.name, reference=reference
        )
        checks += [check for check in found if check.compared]
    return checks, unchecked


def load_as(request: Request, path: str, name: str) -> AnyEncoder:
    """A tokenizer under a name; the text options are for a bare vocab.txt alone."""
    return load(path, name=name, **request.text_options if is_bare(path) else {})


def is_bare(path: str) -> bool:
    """Whether a path is a vocabulary that does not say what is done to text before it."""
    return Path(path).is_file() and Path(path).suffix != ".json"


def short_names(paths: Sequence[str]) -> list[str]:
    """The end of each path, without its ending, as long as it must be to differ from the others'.

    >>> short_names(["a/bert/vocab.txt", "a/gpt2/vocab.txt", "a/my/model"])
    ['bert/vocab', 'gpt2/vocab', 'model']
    """
    parts = [Path(path).with_suffix("").parts for path in paths]
    names = [path[-1:] for path in parts]
    for length in range(2, max(map(len, parts), default=0) + 1):
        alike = {name for name in names if names.count(name) > 1}
        names = [
            path[-length:] if name in alike else name
            for name, path in zip(names, parts, strict=True)
        ]
    unique = len(set(names)) == len(names)
    return ["/".join(name) for name in names] if unique else list(paths)


def named_corpus(request: Request) -> CorpusSetup:
    """The trainings on a corpus that was named."""
    if request.vocab_size is None:
        raise OptionError("--corpus: needs --vocab-size N too")
    check_scores(request)
    return CorpusSetup(
        corpus=request.corpus,
        vocab_size=request.vocab_size,
        rules=request.rules(TextRules()),
        min_frequency=1 if request.min_frequency is None else request.min_frequency,
        wordpiece_score=request.score or "likelihood",
        scores=request.scores,
        eval_file=request.eval_file,
        reading=Reading(**request.reading_options),
    )


def last_training(request: Request, folder: Path) -> CorpusSetup:
    """The trainings on the corpus of the last one, with its options where nothing else was said."""
    path = folder / "training.json"
    if not path.exists():
        raise InputError(
            f"no training in {folder}: run wp train first, or name --corpus and "
            "--vocab-size, or --tokenizer"
        )
    check_scores(request)
    try:
        signature = json.loads(path.read_text(encoding="utf-8"))
        setup = setup_of(signature)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OptionError) as error:
        what = f"{type(error).__name__}: {error}"
        raise InputError(f"{path}: is damaged ({what}): run wp train again") from None
    if not setup.corpus or "-" in setup.corpus:
        raise InputError(
            f"{path}: that training read no file to read again: name one with wp compare --corpus"
        )
    check_unchanged(signature["corpus"], "train again, or name one with wp compare --corpus")
    said = {
        "vocab_size": request.vocab_size,
        "min_frequency": request.min_frequency,
        "wordpiece_score": request.score,
    }
    return replace(
        setup,
        rules=request.rules(setup.rules),
        reading=setup.reading._replace(**request.reading_options),
        scores=request.scores,
        eval_file=request.eval_file,
        **{name: value for name, value in said.items() if value is not None},  # type: ignore[arg-type]
    )


def models_of(
    folder: Path, *, progress: ProgressListener | None = None
) -> tuple[dict[str, Trained], Lines]:
    """WordPiece, BPE and byte-level BPE on the corpus of the last training, and its lines."""
    setup = last_training(Request(), folder)
    lines = read_lines(setup)
    return train_all(setup, lines, folder / COMPARED, progress), lines


def check_scores(request: Request) -> None:
    """Raise `OptionError` for one score beside all of them."""
    if request.scores and request.score:
        raise OptionError(f"--score {request.score}: --scores compares all three")


def setup_of(signature: Json) -> CorpusSetup:
    """What a training.json says; raises `KeyError` and the like for a damaged one."""
    trained: Json = signature["options"]
    rules = TextRules(*(trained[field] for field in TextRules._fields))
    if not all(value in (True, False, None) for value in rules[1:]):
        raise TypeError("the rules of the text must be true, false or null")
    if type(trained["vocab_size"]) is not int or type(trained["min_frequency"]) is not int:
        raise TypeError("vocab_size and min_frequency must be numbers")
    names = [field.name for field in fields(TrainingOptions) if field.name in trained]
    special = tuple(trained["special_tokens"])
    options = TrainingOptions(**{**{n: trained[n] for n in names}, "special_tokens": special})
    byte_level = options.model == "byte-bpe"
    reading = Reading(**{name: trained[name] for name in Reading._fields if name in trained})
    reading.check()
    return CorpusSetup(
        corpus=tuple(str(file["name"]) for file in signature["corpus"]),
        vocab_size=options.vocab_size,
        rules=TextRules() if byte_level else rules,
        min_frequency=options.min_frequency,
        limit_alphabet=options.limit_alphabet,
        full_alphabet=options.full_alphabet,
        max_token_length=options.max_token_length,
        special_tokens=BERT_SPECIAL_TOKENS if byte_level else special,
        byte_special_tokens=special if byte_level else GPT2_SPECIAL_TOKENS,
        fuse_unk=options.fuse_unk,
        reading=reading,
        wordpiece_score=options.score if options.model == "wordpiece" else "likelihood",
    )
