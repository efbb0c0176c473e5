"""The `wp` command: finds the subcommand, and turns errors into one line and an exit code."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import NoReturn

import click

from wordpiece import __version__
from wordpiece.cli.lazy import LazyGroup, help_without_command
from wordpiece.errors import WordpieceError

#: Command to what `wp --help` says of it; the modules are loaded when their command is called.
COMMANDS = {
    "train": "Learn a vocabulary from text.",
    "count": "Count the words of text into a file.",
    "merge-counts": "Add up files of word counts.",
    "encode": "Show the tokens of a text, or encode a file.",
    "decode": "Turn ids back into text.",
    "inspect": "Look into a vocabulary, or at the life of one token.",
    "explain": "Say why a word or a sentence is split so.",
    "replay": "Watch a training merge by merge.",
    "diff": "Say where two tokenizers, or two trainings, part.",
    "compare": "Hold tokenizers side by side, and against Hugging Face.",
    "extend": "Add tokens for a domain to a vocabulary that a model knows.",
    "prune": "Take out tokens that a text never uses.",
    "mask": "Hide tokens of a text, as BERT's pre-training does.",
    "bert": "Pre-train, embed and classify with real models.",
    "probe": "Say which tokenizer serves a task, by training on it.",
    "report": "Write a page about a training, to be opened in a browser.",
}

DONE, BAD_INPUT, INTERRUPTED = 0, 2, 130

HELP = """\
Train, run and explain subword tokenizers.

\b
Examples:
  wp train corpus.txt --vocab-size 30000
  wp encode "This is the Hugging Face course!"
  wp encode "I love Paris" --tokenizer vocab.txt --lowercase --special-tokens
  echo 52 13 21 | wp decode
  wp compare --corpus corpus.txt --vocab-size 8000
"""


@click.group(
    cls=LazyGroup,
    commands=COMMANDS,
    modules="wordpiece.cli.",
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="wp")
@click.pass_context
def wp(context: click.Context) -> None:
    """Without a command, show the help."""
    help_without_command(context)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit: 0 done, 2 bad usage or input, 130 interrupted."""
    if "_WP_COMPLETE" in os.environ:  # click's shell completion
        wp.main(prog_name="wp")
    if not os.environ.get("COLUMNS", "80").isdigit() or os.environ.get("COLUMNS") == "0":
        del os.environ["COLUMNS"]  # no width: ask the terminal
    if sys.stderr is None:  # closed: what is said there is lost
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if sys.stdout is None:
        sys.exit(complain("standard output is closed"))
    if isinstance(sys.stdout, TextIOWrapper):  # an ASCII terminal gets escapes, not a traceback
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(exit_code(lambda: run(list(sys.argv[1:] if arguments is None else arguments))))


def script() -> NoReturn:
    """What the command is: `main` in a process of its own, which then ends at once.

    Python would free every object on its own first: a sixth of the time of a short command, a tenth
    of a second after a training. What other modules do at the end is done before.
    """
    codes: list[int] = []
    atexit.register(leave, codes)  # the first that is registered comes last
    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, int):
            codes.append(end.code)
        raise


def leave(codes: list[int]) -> None:
    """End the process with a code, if there is one: after an error in the program there is none."""
    if codes:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            with suppress(OSError, ValueError):  # nobody reads it, or it is closed
                stream.flush()
        os._exit(codes[0])


def run(arguments: list[str]) -> None:
    """Run the command without click's own handling of errors, which takes several lines."""
    with wp.make_context("wp", arguments, terminal_width=help_width()) as context:
        wp.invoke(context)
    sys.stdout.flush()


def help_width() -> int:
    """The width of help, as click has it: what click loads to find out takes longer than the rest.

    Between 50 and 78 characters, two less than the terminal has.
    """
    columns = int(os.environ.get("COLUMNS", 0))
    if not columns:
        with suppress(AttributeError, ValueError, OSError):  # no stream, a closed one, no terminal
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns  # type: ignore[union-attr]
    return max(min(columns or 80, 80) - 2, 50)


def exit_code(action: Callable[[], None]) -> int:
    """Do something; say in one line what went wrong, if anything did."""
    try:
        action()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        return complain(usage_message(error))
    except WordpieceError as error:
        return complain(str(error))
    except (KeyboardInterrupt, click.Abort) as interruption:
        notes = getattr(interruption, "__notes__", ["nothing was left half-written"])
        return complain("; ".join(["interrupted", *notes]), INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has seen enough
        drop_output()
    except MemoryError:
        return complain("there is not enough memory: a line or a record may be too long")
    except OSError as error:  # with a name it is a file; without one it is our own output
        if error.filename is not None:
            return complain(f"{str(error.filename)[:200]}: {error.strerror or error}")
        drop_output()
        return complain(f"standard output: cannot be written: {error.strerror or error}")
    return DONE


def drop_output() -> None:
    """Send what is still to be written nowhere, so that leaving does not fail over it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(message: str, code: int = BAD_INPUT) -> int:
    """Print one line to stderr, if anybody reads it; return the exit code."""
    with suppress(OSError):
        print(f"wp: {' '.join(message.split())}", file=sys.stderr, flush=True)
    return code


def usage_message(error: click.ClickException) -> str:
    """Click's message, and where the right usage can be read."""
    message = error.format_message().rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{message}: see {context.command_path} --help" if context else message
