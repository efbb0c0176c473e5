"""`wp inspect`: the vocabulary, or one token."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from wordpiece.analysis.biography import Biography, Node, biography
from wordpiece.analysis.inspection import Inspection, inspect
from wordpiece.cli.inspected import file_option, no_text_option, open_studied, text_for
from wordpiece.cli.options import (
    bytes_argument,
    json_option,
    quiet_option,
    tokenizer_options,
)
from wordpiece.formats.trace import detail_fields

HELP = """\
Look into a vocabulary: what it is made of, which tokens no text can produce and why, which were
only steps to others, which are never used on the training text (or on --text), and how often
encoding splits a word otherwise than the training did.

With TOKEN, the life of one token: the merges that built it with their scores and rivals, what took
its occurrences, how often it is used, words with it, and a text that produces it.

\b
Examples:
  wp inspect
  wp inspect --text held-out.txt
  wp inspect "##ization" --tokenizer bert/vocab.txt --lowercase
  wp inspect --json | jq ".unreachable[].token"
"""


@click.command("inspect", help=HELP)
@click.argument("token", required=False)
@tokenizer_options
@file_option("Look at the use on this text.")
@no_text_option("Look at the vocabulary and the trace alone.")
@json_option
@quiet_option
def command(
    token: str | None,
    path: str | None,
    names: tuple[str, ...],
    no_text: bool,
    as_json: bool,
    quiet: bool,
    **options: bool | None,
) -> None:
    """Inspect, print."""
    from wordpiece.cli import plain, render_inspector

    studied = open_studied(path, **options)
    if token is not None:
        token = bytes_argument(token)
    text = None if no_text else text_for(studied, names, quiet=quiet)
    if token is None:
        found = inspect(studied, text)
        if as_json:
            plain.print_json(document(found))
        else:
            render_inspector.inspection(found)
        return
    life = biography(studied, token, text)
    if as_json:
        plain.print_json(life_document(life))
    else:
        render_inspector.biography(life)


def document(found: Inspection) -> dict[str, Any]:
    """What `--json` prints of a vocabulary."""
    use = found.use
    return {
        "name": found.name,
        "model": found.model,
        "vocab_size": found.vocab_size,
        "special_tokens": list(found.special_tokens),
        "composition": asdict(found.composition),
        "longest": [{"token": token, "length": length} for token, length in found.longest],
        "unreachable": [
            {"token": each.token, "id": each.id, "stage": each.stage} for each in found.unreachable
        ],
        "undecided": [{"token": each.token, "id": each.id} for each in found.undecided],
        "one_form": found.one_form and asdict(found.one_form),
        "near_duplicates": [list(group) for group in found.near_duplicates],
        "suspects": [asdict(each) for each in found.suspects],
        "chains": [list(chain) for chain in found.chains],
        "dead": None if use is None else [asdict(each) for each in use.dead],
        "text": None
        if use is None
        else {
            "source": use.source,
            "types": use.types,
            "words": use.words,
            "tokens": use.tokens,
            "fertility": use.fertility,
            "unknown_words": use.unknown_words,
            "counts": {str(id): count for id, count in sorted(use.counts.items())},
            "mismatch": use.mismatch and asdict(use.mismatch),
        },
        "missing": list(found.missing),
    }


def life_document(found: Biography) -> dict[str, Any]:
    """What `--json` prints of a token."""
    return {
        "token": found.token,
        "id": found.id,
        "kind": found.kind,
        "witness": found.reach and found.reach.witness,
        "stage": found.reach and found.reach.stage,
        "merge": found.merge and found.merge._asdict(),
        "detail": found.detail and detail_fields(found.detail),
        "tree": found.tree and tree_document(found.tree),
        "left_at_end": found.left_at_end,
        "consumed_by": [
            {"token": each.merge.new, "step": each.merge.step, "taken": each.taken}
            for each in found.consumptions
        ],
        "text": found.source or None,
        "emitted": found.emitted,
        "words": [{"word": word, "count": count} for word, count in found.words],
        "neighbors": list(found.neighbors),
        "extensions": list(found.extensions),
        "missing": list(found.missing),
    }


def tree_document(node: Node) -> dict[str, Any]:
    """How a token was put together, one within the other."""
    if node.merge is None or node.left is None or node.right is None:
        return {"token": node.token}
    return {
        "token": node.token,
        "step": node.merge.step,
        "score": node.merge.score,
        "f_ab": node.merge.f_ab,
        "left": tree_document(node.left),
        "right": tree_document(node.right),
    }
