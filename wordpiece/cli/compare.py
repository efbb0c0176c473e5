"""`wp compare`: tokenizers side by side."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import click

from wordpiece.analysis.compare import Comparison, compare
from wordpiece.analysis.corpus_comparison import CorpusSetup, compare_corpus, file_lines, spaced
from wordpiece.analysis.encoders import OurEncoder, load
from wordpiece.analysis.parity import check_parity
from wordpiece.cli.options import (
    DEFAULT_FOLDER,
    bytes_argument,
    json_option,
    quiet_option,
    text_argument,
    text_options,
    warnings_on_stderr,
)
from wordpiece.errors import InputError, OptionError
from wordpiece.presets import BERT_SPECIAL_TOKENS
from wordpiece.text.rules import TextRules
from wordpiece.training.scores import ScoreName

#: The exit code when a parity check did not hold.
CHECK_FAILED = 1

HELP = """\
Compare tokenizers on the same text: splits, metrics, vocabularies, and parity with Hugging Face.

Without options, after a wp train: WordPiece, BPE and byte-level BPE are trained on the corpus of
that training with the same vocabulary size, but for every tenth line, on which they are measured.
They are kept in the output folder until corpus or options change. With --scores, WordPiece under
its three scores. With --tokenizer, any tokenizers, measured on --eval or on the texts.

\b
fertility                 tokens for each word of BERT's split
bytes_per_token           of the raw text, as UTF-8
unk_*_rate                unknown tokens, words with one, characters under one
lossless_bytes_per_token  unknown words counted as their bytes
vocab_used                share of the regular vocabulary that occurs
single_char_rate          tokens of one character or less
renyi_efficiency          entropy of order 2.5, over its maximum
bits_per_byte             under a unigram model, unknown words spelled out
round_trip                lines that decoding gives back

Exit code 1 if a parity check fails.

\b
Examples:
  wp compare
  wp compare "Hopefully, you will be able to understand." --scores
  wp compare --corpus a.txt --vocab-size 8000 --eval held-out.txt
  wp compare "I love Paris" -t bert/vocab.txt -t tokenizer --lowercase
"""


@click.command("compare", help=HELP)
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option(
    "--tokenizer", "-t", "names", multiple=True, metavar="PATH", help="Repeat for several."
)
@click.option("--corpus", multiple=True, metavar="FILE", help="Train for the comparison alone.")
@click.option("--vocab-size", "-v", type=int, metavar="N", help="With --corpus.")
@click.option("--eval", "eval_file", metavar="FILE", help="Measure on this file's lines.")
@click.option("--scores", is_flag=True, help="WordPiece under its three scores.")
@click.option(
    "--score",
    type=click.Choice(get_args(ScoreName)),
    help="WordPiece's score beside the others.  [default: the last training's]",
)
@click.option("--min-frequency", type=int, metavar="K", help="Pass over rarer pairs.")
@click.option("--parity/--no-parity", default=True, help="Hold all against Hugging Face, or not.")
@text_options(None)
@json_option
@quiet_option
@click.pass_context
def command(
    context: click.Context,
    /,
    texts: tuple[str, ...],
    names: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Compare, print, and exit with 1 if parity does not hold."""
    from wordpiece.cli import render

    shown = [text_argument(bytes_argument(text)) for text in texts]
    if names:
        comparison = compare_named(names, shown, options)
    else:
        setup, cache = corpus_setup(options)
        with render.progress(quiet=quiet) as listener:
            comparison = compare_corpus(
                setup, texts=shown, cache=cache, parity=options["parity"], progress=listener
            )
    if as_json:
        render.print_json(document(comparison))
    else:
        render.comparison(comparison)
    if not all(check.passed for check in comparison.parity):
        context.exit(CHECK_FAILED)


def compare_named(names: Sequence[str], texts: list[str], options: dict[str, Any]) -> Comparison:
    """Compare tokenizers that are there already."""
    if options["corpus"] or options["scores"] or options["vocab_size"]:
        raise OptionError("--tokenizer: takes no --corpus, --vocab-size or --scores beside it")
    given = {name: options[name] for name in ("lowercase", "strip_accents", "cjk_spacing")}
    with warnings_on_stderr():
        encoders = [
            load(path, name=name, **text_options_for(path, given))
            for path, name in zip(names, short_names(names), strict=True)
        ]
    if len({encoder.name for encoder in encoders}) < len(encoders):
        raise OptionError(f"--tokenizer: one is named twice in {', '.join(names)}")
    eval_file = options["eval_file"]
    documents = spaced(file_lines(eval_file)) if eval_file else texts
    if not documents:
        raise InputError("nothing to measure on: give a TEXT, or --eval FILE")
    comparison = compare(encoders, documents, texts=texts or documents[:3])
    if not options["parity"]:
        return comparison
    checks = [
        check
        for encoder in encoders
        if isinstance(encoder, OurEncoder)
        for check in check_parity(encoder.tokenizer, lines=documents, name=encoder.name)
    ]
    return Comparison(**{**vars(comparison), "parity": tuple(checks)})


def short_names(paths: Sequence[str]) -> list[str]:
    """The last part of each path without its ending, or the whole path where two would be alike.

    >>> short_names(["bert/vocab.txt", "gpt2/vocab.txt", "my/model"])
    ['bert/vocab.txt', 'gpt2/vocab.txt', 'model']
    """
    short = [Path(path).stem for path in paths]
    return [
        name if short.count(name) == 1 else path for name, path in zip(short, paths, strict=True)
    ]


def text_options_for(name: str, given: dict[str, bool | None]) -> dict[str, bool | None]:
    """The text options, for a bare vocab.txt: the others say it themselves."""
    return given if Path(name).is_file() and Path(name).suffix != ".json" else {}


def corpus_setup(options: dict[str, Any]) -> tuple[CorpusSetup, Path | None]:
    """What to train on: the corpus that was named, or that of the last training."""
    if options["corpus"]:
        if options["vocab_size"] is None:
            raise OptionError("--corpus: needs --vocab-size N too")
        rules = TextRules(
            lowercase=bool(options["lowercase"]),
            strip_accents=options["strip_accents"],
            cjk_spacing=options["cjk_spacing"] is not False,
        )
        setup = CorpusSetup(
            corpus=options["corpus"],
            vocab_size=options["vocab_size"],
            rules=rules,
            min_frequency=1 if options["min_frequency"] is None else options["min_frequency"],
            wordpiece_score=options["score"] or "likelihood",
            scores=options["scores"],
            eval_file=options["eval_file"],
        )
        return setup, None
    return last_training(options)


def last_training(options: dict[str, Any]) -> tuple[CorpusSetup, Path]:
    """The corpus and the options of the tokenizer in $WP_TOKENIZER or ./tokenizer."""
    folder = Path(os.environ.get("WP_TOKENIZER") or DEFAULT_FOLDER)
    path = folder / "training.json"
    if not path.exists():
        raise InputError(
            f"no training in {folder}: run wp train first, or name --corpus and "
            "--vocab-size, or --tokenizer"
        )
    try:
        signature = json.loads(path.read_text(encoding="utf-8"))
        trained, names = signature["options"], [str(file["name"]) for file in signature["corpus"]]
        rules = TextRules(*(trained[field] for field in TextRules._fields))
        score: ScoreName = "likelihood"
        if trained["model"] == "wordpiece":
            score = trained["score"]
        setup = CorpusSetup(
            corpus=tuple(names),
            vocab_size=int(chosen(options["vocab_size"], trained["vocab_size"])),
            rules=overridden(rules if rules.splitting == "bert" else TextRules(), options),
            min_frequency=int(chosen(options["min_frequency"], trained["min_frequency"])),
            limit_alphabet=trained["limit_alphabet"],
            full_alphabet=trained["full_alphabet"],
            max_token_length=trained["max_token_length"],
            special_tokens=BERT_SPECIAL_TOKENS
            if trained["model"] == "byte-bpe"
            else tuple(trained["special_tokens"]),
            wordpiece_score=options["score"] or score,
            scores=options["scores"],
            eval_file=options["eval_file"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: is damaged ({error}): run wp train again") from None
    if not names or "-" in names:
        raise InputError(f"{path}: that training read no file to read again: name --corpus")
    return setup, folder / ("compare-scores" if options["scores"] else "compare")


def overridden(rules: TextRules, options: dict[str, Any]) -> TextRules:
    """The rules of the training, but for the text options that were given."""
    names = ("lowercase", "strip_accents", "cjk_spacing")
    given = {name: options[name] for name in names if options[name] is not None}
    return rules._replace(**given)


def chosen(option: Any, known: Any) -> Any:
    """What was asked for, or else what is known."""
    return known if option is None else option


def document(comparison: Comparison) -> dict[str, object]:
    """What `--json` prints."""
    return {
        "tokenizers": [asdict(row) for row in comparison.rows],
        "texts": [
            {
                "text": each.text,
                "splits": {name: list(split.tokens) for name, split in each.splits.items()},
            }
            for each in comparison.texts
        ],
        "parity": [asdict(check) for check in comparison.parity],
        "differences": [asdict(difference) for difference in comparison.differences],
        "overlaps": [asdict(overlap) for overlap in comparison.overlaps],
        "wordpiece_trainer": comparison.trainer_runs and asdict(comparison.trainer_runs),
        "documents": comparison.documents,
        "held_out": comparison.held_out,
        "probabilities_from_training_text": comparison.probabilities_from_training_text,
    }
