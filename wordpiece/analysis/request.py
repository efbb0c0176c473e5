"""What a user asks to have compared, and how it is carried out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wordpiece.analysis.compare import Comparison, compare
from wordpiece.analysis.corpus_comparison import (
    CorpusSetup,
    compare_corpus,
    distinct_words,
    file_lines,
    spaced,
)
from wordpiece.analysis.encoders import AnyEncoder, OurEncoder, load
from wordpiece.analysis.parity import ParityCheck, check_parity
from wordpiece.errors import InputError, OptionError
from wordpiece.formats.tokenizer_json import Json
from wordpiece.presets import BERT_SPECIAL_TOKENS
from wordpiece.text.readers import DecodingErrors
from wordpiece.text.rules import TextRules
from wordpiece.training.scores import ScoreName
from wordpiece.types import ProgressListener


@dataclass(frozen=True)
class Request:
    """A comparison of tokenizers that are there, or of trainings; None means "not said"."""

    texts: tuple[str, ...] = ()
    tokenizers: tuple[str, ...] = ()
    corpus: tuple[str, ...] = ()
    vocab_size: int | None = None
    eval_file: str | None = None
    scores: bool = False
    score: ScoreName | None = None
    min_frequency: int | None = None
    parity: bool = True
    errors: DecodingErrors | None = None
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
    if request.tokenizers:
        return compare_named(request)
    if request.corpus:
        setup, cache = named_corpus(request), None
    else:
        setup = last_training(request, folder)
        cache = folder / ("compare-scores" if request.scores else "compare")
    return compare_corpus(
        setup, texts=request.texts, cache=cache, parity=request.parity, progress=progress
    )


def compare_named(request: Request) -> Comparison:
    """Compare tokenizers that are there already."""
    of_training = ("corpus", "scores", "vocab_size", "score", "min_frequency")
    for name in of_training:
        if getattr(request, name):
            option = name.replace("_", "-")
            raise OptionError(f"--{option}: is for a training, --tokenizer is for what is trained")
    names = request.tokenizers
    both = zip(names, short_names(names), strict=True)
    encoders = [load_as(request, path, name) for path, name in both]
    if len({encoder.name for encoder in encoders}) < len(encoders):
        raise OptionError(f"--tokenizer: one is named twice in {', '.join(names)}")
    documents = list(request.texts)
    if request.eval_file:
        lines = file_lines(request.eval_file, errors=request.errors or "strict")
        documents = [line.removesuffix("\n") for line in spaced(lines)]
    if not documents:
        raise InputError("nothing to measure on: give a TEXT, or --eval FILE")
    comparison = compare(encoders, documents, texts=request.texts or documents[:3])
    if not request.parity:
        return comparison
    words = distinct_words([f"{document}\n" for document in documents])
    checks: list[ParityCheck] = []
    for encoder in encoders:
        if isinstance(encoder, OurEncoder):
            checks += check_parity(
                encoder.tokenizer,
                words=words,
                lines=documents,
                name=encoder.name,
                reference=encoder.reference,
            )
    unchecked = tuple(each.name for each in encoders if not isinstance(each, OurEncoder))
    return replace(comparison, parity=tuple(checks), unchecked=unchecked)


def load_as(request: Request, path: str, name: str) -> AnyEncoder:
    """A tokenizer under a name; the text options are for a bare vocab.txt alone."""
    bare = Path(path).is_file() and Path(path).suffix != ".json"
    return load(path, name=name, **request.text_options if bare else {})


def short_names(paths: Sequence[str]) -> list[str]:
    """The last part of each path without its ending, or the whole path where two would be alike.

    >>> short_names(["bert/vocab.txt", "gpt2/vocab.txt", "my/model"])
    ['bert/vocab.txt', 'gpt2/vocab.txt', 'model']
    """
    short = [Path(path).stem for path in paths]
    both = zip(short, paths, strict=True)
    return [name if short.count(name) == 1 else path for name, path in both]


def named_corpus(request: Request) -> CorpusSetup:
    """The trainings on a corpus that was named."""
    if request.vocab_size is None:
        raise OptionError("--corpus: needs --vocab-size N too")
    return CorpusSetup(
        corpus=request.corpus,
        vocab_size=request.vocab_size,
        rules=request.rules(TextRules()),
        min_frequency=1 if request.min_frequency is None else request.min_frequency,
        wordpiece_score=request.score or "likelihood",
        scores=request.scores,
        eval_file=request.eval_file,
        errors=request.errors or "strict",
    )


def last_training(request: Request, folder: Path) -> CorpusSetup:
    """The trainings on the corpus of the last one, with its options where nothing else was said."""
    path = folder / "training.json"
    if not path.exists():
        raise InputError(
            f"no training in {folder}: run wp train first, or name --corpus and "
            "--vocab-size, or --tokenizer"
        )
    try:
        setup = setup_of(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: is damaged ({error}): run wp train again") from None
    if not setup.corpus or "-" in setup.corpus:
        raise InputError(f"{path}: that training read no file to read again: name --corpus")
    said = {
        "vocab_size": request.vocab_size,
        "min_frequency": request.min_frequency,
        "wordpiece_score": request.score,
        "errors": request.errors,
    }
    return replace(
        setup,
        rules=request.rules(setup.rules),
        scores=request.scores,
        eval_file=request.eval_file,
        **{name: value for name, value in said.items() if value is not None},  # type: ignore[arg-type]
    )


def setup_of(signature: Json) -> CorpusSetup:
    """What a training.json says; raises `KeyError` and the like for a damaged one."""
    trained: Json = signature["options"]
    rules = TextRules(*(trained[field] for field in TextRules._fields))
    wordpiece, byte_level = (trained["model"] == model for model in ("wordpiece", "byte-bpe"))
    special = BERT_SPECIAL_TOKENS if byte_level else tuple(trained["special_tokens"])
    return CorpusSetup(
        corpus=tuple(str(file["name"]) for file in signature["corpus"]),
        vocab_size=int(trained["vocab_size"]),
        rules=rules if rules.splitting == "bert" else TextRules(),
        min_frequency=int(trained["min_frequency"]),
        limit_alphabet=trained["limit_alphabet"],
        full_alphabet=bool(trained["full_alphabet"]),
        max_token_length=trained["max_token_length"],
        special_tokens=special,
        fuse_unk=bool(trained.get("fuse_unk")),
        errors=trained.get("errors", "strict"),
        wordpiece_score=trained["score"] if wordpiece else "likelihood",
    )
