"""A tokenizer with what is known of how it was trained: what the inspector looks at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

from wordpiece.analysis.encoders import OurEncoder
from wordpiece.analysis.merge_order import MergeOrder
from wordpiece.api import TrainingResult, count_corpus
from wordpiece.errors import FormatError, InputError, OptionError
from wordpiece.formats import trace as trace_file
from wordpiece.formats.model_dir import SIGNATURE, TRACE
from wordpiece.formats.trace import Trace
from wordpiece.models.wordpiece import WordPiece
from wordpiece.pretrained import StrPath, Tokenizer
from wordpiece.text.corpora import CorpusName
from wordpiece.text.counting import Files
from wordpiece.text.reading import Reading
from wordpiece.text.rules import Splitting, TextRules
from wordpiece.text.streams import is_remote, recorded, trouble
from wordpiece.types import ProgressListener, WordCounts
from wordpiece.word_counts import load_counts

#: The values that an option of the text can have.
KNOWN = (True, False, None)
#: How to have a trace next time.
HOW_TO_TRACE = "wp train records one unless --trace none is given"
#: What to do about a text that cannot be read again.
NAME_ANOTHER = "name a text with --text"


@dataclass(frozen=True)
class Studied:
    """A tokenizer, its trace, and the signature of its training, as far as they are there.

    `trace` is None without a merges.jsonl, and `untraced` then says why. `signature` is the JSON of
    training.json, empty without one.
    """

    name: str
    tokenizer: Tokenizer
    trace: Trace | None = None
    untraced: str = ""
    signature: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def encoder(self) -> OurEncoder:
        """The tokenizer as the metrics see it."""
        return OurEncoder(self.name, self.tokenizer)

    @property
    def model(self) -> str:
        """`wordpiece`, `bpe` or `byte-bpe`."""
        return self.encoder.model

    @property
    def score(self) -> str | None:
        """The score of the training, where it is known."""
        found = part_of(self.signature, "options").get("score")
        return found if isinstance(found, str) else None

    @property
    def prefix(self) -> str:
        """What stands before tokens that go on a word."""
        return self.encoder.notation.continuing

    @cached_property
    def merge_order(self) -> MergeOrder | None:
        """The training's own way to split a word; None when the merges are not known."""
        model = self.tokenizer.parts.model
        if self.trace is not None:
            pairs = [(merge.left, merge.right) for merge in self.trace.merges]
        elif isinstance(model, WordPiece):
            return None
        else:
            pairs = list(getattr(model, "merges", ()))
        return MergeOrder(pairs, prefix=self.prefix)

    def training_words(
        self, rules: TextRules | None = None, *, progress: ProgressListener | None = None
    ) -> WordCounts:
        """The words of the corpus that this was trained on, counted again.

        They are cut by the rules of the training, or by others. Raises `InputError` when it is not
        known, or not there any more, or has changed.
        """
        counts = part_of(self.signature, "counts")
        if rules is None and isinstance(counts.get("name"), str):
            loaded = load_counts(counts["name"])
            if loaded.file.sha256 != counts.get("sha256"):
                raise has_changed(counts["name"])
            return loaded.counts
        names, reading = self.training_files()
        words, found = count_files(names, rules or self.rules(), reading=reading, progress=progress)
        known = {file["name"]: file.get("sha256") for file in self.signature["corpus"]}
        for file in found.files:
            if known.get(file.name) != file.sha256:
                raise has_changed(file.name)
        return words

    def rules(self) -> TextRules:
        """What the training did to its text. Raises `FormatError` if its signature is damaged."""
        options = part_of(self.signature, "options")
        values = [options.get(name) for name in TextRules._fields]
        if values[0] not in get_args(Splitting) or not all(v in KNOWN for v in values[1:]):
            raise FormatError(f"{self.name}: its training.json is damaged: the rules of its text")
        return TextRules(*values)  # type: ignore[arg-type]

    def training_files(self) -> tuple[list[str], Reading]:
        """The files that this was trained on, and how they were read.

        Raises `InputError` when they are not known, or have another size now.
        """
        corpus = self.signature.get("corpus")
        if not isinstance(corpus, list) or not corpus:
            raise InputError(f"{self.name}: the training text is not known: name one with --text")
        try:
            options = part_of(self.signature, "options")
            reading = Reading(**{n: options[n] for n in Reading._fields if n in options})
            reading.check()
            names = [str(file["name"]) for file in corpus]
            sizes = {str(file["name"]): file.get("bytes") for file in corpus}
        except (KeyError, TypeError, AttributeError, ValueError, OptionError) as error:
            raise FormatError(f"{self.name}: its training.json is damaged: {error}") from None
        if "-" in names:
            raise InputError(
                f"{self.name}: the training text was standard input: name one with --text"
            )
        for name, size in sizes.items():
            if file_at(name) and size not in (None, Path(name).stat().st_size):
                raise has_changed(name)
        return names, reading


def count_files(
    names: Iterable[str],
    rules: TextRules,
    *,
    reading: Reading,
    progress: ProgressListener | None,
) -> tuple[WordCounts, Files]:
    """The words of files as a training would count them. Raises `InputError` when there is none."""
    corpus = [CorpusName(name) for name in names]
    return count_corpus(corpus, rules, reading=reading, workers=None, progress=progress)


def check_unchanged(files: Iterable[Mapping[str, Any]], cure: str) -> None:
    """Raise `InputError` if a file of a training.json is gone, or is not what it was."""
    for file in files:
        name, known = str(file["name"]), file.get("sha256")
        if known is not None and file_at(name, cure) and recorded(name).sha256 != known:
            raise has_changed(name, cure)


def file_at(name: str, cure: str = NAME_ANOTHER) -> bool:
    """Whether a file can be looked at here, and not elsewhere. Raises `InputError` if it is gone.

    The name is as it was given to the training, which may have been in another folder.
    """
    if is_remote(name):
        return False
    with trouble(name):
        if not Path(name).exists():
            named = "by the name that the training had for it"
            raise InputError(f"{name}: no such file, {named}: {cure}")
        if not Path(name).is_file():
            raise InputError(f"{name}: cannot be read again: {cure}")
    return True


def has_changed(name: str, cure: str = NAME_ANOTHER) -> InputError:
    """The error for a corpus that is not what it was."""
    return InputError(f"{name}: has changed since the training: {cure}")


#: What can be looked into: what `study` gives, what `train` gave, or a tokenizer alone.
Inspectable = Studied | TrainingResult | Tokenizer


def studied_of(what: Inspectable, name: str = "") -> Studied:
    """What is to be looked into: a training with its trace, a tokenizer without one.

    >>> from wordpiece.api import train
    >>> result = train(["low lower lowest", "low low"], vocab_size=18)
    >>> len(studied_of(result).trace.merges), studied_of(result.tokenizer).trace
    (6, None)

    Raises `InputError` for anything else, such as the path of a tokenizer.
    """
    if isinstance(what, Studied):
        return what
    if isinstance(what, TrainingResult):
        traced = what.trace != "none"
        return Studied(
            name or "training",
            what.tokenizer,
            Trace(what.merges, what.details) if traced else None,
            "" if traced else "the training recorded no trace",
            json.loads(what.signature()),
        )
    if isinstance(what, Tokenizer):
        return Studied(name or "tokenizer", what, None, "a tokenizer alone has no trace")
    kind = type(what).__name__
    raise InputError(f"{kind}: cannot be looked into: give what wordpiece.study or train returns")


def study(path: StrPath | Inspectable, *, name: str = "", **options: bool | None) -> Studied:
    """Open a tokenizer and what is beside it. `options` are for a bare vocab.txt.

    What `train` returned, or a `Tokenizer`, is taken as it is. Raises `InputError` for a trace of
    another tokenizer, and what `Tokenizer.from_file` raises.
    """
    if isinstance(path, Inspectable):
        if options:
            raise OptionError(f"{next(iter(options))}: is for a bare vocab.txt, and this is none")
        return studied_of(path, name)
    tokenizer = Tokenizer.from_file(path, **options)
    folder = Path(path) if Path(path).is_dir() else Path(path).parent
    own = Path(path).is_dir() or ((folder / TRACE).exists() and Path(path).name == "tokenizer.json")
    file = folder / TRACE
    signature = read_signature(folder / SIGNATURE) if own else {}
    if not own or not file.exists():
        return Studied(
            *(name or str(path), tokenizer, None),
            f"there is no {TRACE} beside the tokenizer: {HOW_TO_TRACE}",
            signature,
        )
    try:
        trace = trace_file.load(file)
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from None
    check_owner(trace, tokenizer, file)
    made = part_of(signature, "result").get("merges")
    if type(made) is int and made != len(trace.merges):
        raise InputError(
            f"{file}: holds {len(trace.merges):,} of the {made:,} merges that training.json tells "
            "of: it was cut short; train again, or remove it"
        )
    return Studied(name or str(path), tokenizer, trace, "", signature)


def check_owner(trace: Trace, tokenizer: Tokenizer, file: Path) -> None:
    """Raise `InputError` for a trace that is of another tokenizer."""
    vocab = tokenizer.parts.model.vocab
    prefix = getattr(tokenizer.parts.model, "continuing_subword_prefix", "")
    for merge in trace.merges:
        if merge.new != merge.left + merge.right.removeprefix(prefix):
            raise InputError(
                f"{file}: line {merge.step} is damaged: {merge.left!r} and {merge.right!r} do not "
                f"make {merge.new!r}; train again, or remove the file"
            )
        if vocab.get(merge.new) != merge.id or merge.left not in vocab or merge.right not in vocab:
            raise InputError(
                f"{file}: is the trace of another tokenizer: its merge {merge.step} makes "
                f"{merge.new!r} with id {merge.id}, which the vocabulary has not; train again, or "
                "remove the file"
            )
    for step, detail in trace.details.items():
        for rival in detail.rivals:
            if rival.left not in vocab or rival.right not in vocab or not rival.f_a * rival.f_b:
                raise InputError(
                    f"{file}: line {step} is damaged: a rival is {rival.left!r} {rival.right!r}; "
                    "train again, or remove the file"
                )


def part_of(signature: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A part of a training.json that holds values by name; nothing if it is none."""
    found = signature.get(name)
    return found if isinstance(found, dict) else {}


def read_signature(path: Path) -> dict[str, Any]:
    """What a training.json says; nothing when there is none that can be read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
