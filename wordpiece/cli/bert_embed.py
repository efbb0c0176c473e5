"""`wp bert embed`: vectors of texts or of their tokens."""

from __future__ import annotations

from typing import Any, get_args

import click

from wordpiece.bert.options import Layers, VectorKind
from wordpiece.cli.bert import given_texts, tokenizer_of
from wordpiece.cli.options import json_option, quiet_option, tokenizer_options
from wordpiece.errors import OptionError

HELP = """\
Write the vectors of texts, a line each, or of their tokens, into a .npy or a .parquet. Without TEXT
and --input, the texts are standard input.

\b
Examples:
  wp bert embed "I love Paris" --model model --output vectors.npy
  wp bert embed --input reviews.txt --model model --vectors mean -o v.parquet
  wp bert embed "I love Paris" --model model --vectors tokens -o tokens.npy
  wp bert embed "I love Paris" --model model --layer all -o layers.npy --json

The shape is printed: [texts, hidden] for a vector a text, [texts, length, hidden] for tokens, with
an axis of layers before the last for --layer all.
"""


@click.command("embed", help=HELP)
@click.argument("text", required=False)
@click.option("--model", required=True, metavar="PATH", help="A folder, or a name in the cache.")
@tokenizer_options
@click.option("--input", "inputs", multiple=True, metavar="FILE", help="Texts, a line each.")
@click.option("--output", "-o", required=True, metavar="FILE", help="A .npy or a .parquet.")
@click.option(
    "--vectors",
    type=click.Choice(get_args(VectorKind)),
    default="cls",
    show_default=True,
    help="Of [CLS], the mean of the tokens, BERT's pooled output, or each token.",
)
@click.option(
    "--layer", default="-1", metavar="N", help="0 is the embedding, -1 the last, or all.  [-1]"
)
@click.option("--max-length", type=int, metavar="N", help="Cut texts to N tokens.")
@json_option
@quiet_option
def command(
    text: str | None,
    model: str,
    path: str | None,
    inputs: tuple[str, ...],
    output: str,
    vectors: VectorKind,
    layer: str,
    max_length: int | None,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Embed, write, say the shape."""
    from wordpiece.bert.extra import check_installed
    from wordpiece.cli import plain, render

    check_installed(what="bert embed")
    if not output.endswith((".npy", ".parquet")):
        raise OptionError(f"--output {output}: must end in .npy or .parquet")
    if output.endswith(".parquet"):
        check_installed(what=f"--output {output}", libraries=("pyarrow",), extra="parquet")
    layers = layer_of(layer)
    texts = given_texts(text, inputs)
    from wordpiece.bert.embedding import embed

    tokenizer = tokenizer_of(model, path, options)
    with plain.progress(quiet=quiet) as listener:
        found = embed(
            tokenizer,
            texts,
            model,
            kind=vectors,
            layers=layers,
            max_length=max_length,
            progress=listener,
        )
    found.save(output)
    if as_json:
        shape = list(found.values.shape)
        plain.print_json({"output": output, "axes": list(found.axes), "shape": shape})
    elif not quiet:
        render.print_line(f"{output}  {found.shape_text}, 32-bit floats")


def layer_of(text: str) -> Layers:
    """A number, or `all`. Raises `OptionError`."""
    if text == "all":
        return "all"
    try:
        return int(text)
    except ValueError:
        raise OptionError(f"--layer {text}: must be a number such as -1, or all") from None
