"""The commands: what they print, in every form, and how they fail."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.table import Table

from tests.command import WP, Wp, contents, environment, remains
from tests.strategies import nasty_text
from wordpiece import Tokenizer, __version__
from wordpiece.cli import main as entry
from wordpiece.cli.main import help_width
from wordpiece.cli.render import show
from wordpiece.cli.render_encoding import plain_lines, show_table
from wordpiece.text.visible import visible

COURSE = "This is the Hugging Face course!"


@pytest.fixture
def trained(wp: Wp, course: Path) -> Wp:
    """With a tokenizer in ./tokenizer."""
    wp("train", str(course), "--vocab-size", "70", "--quiet")
    return wp


def piped(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Put bytes on standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


# ---------------------------------------------------------------- train


def test_train_says_what_it_learned(wp: Wp, course: Path) -> None:
    out = wp("train", str(course), "--vocab-size", "70")
    assert "70 tokens, 26 merges (wordpiece, likelihood)" in out
    assert "36 words, 30 distinct" in out
    assert "ab ##fu Fa Fac" in out
    assert "written to  tokenizer\n" in out
    assert wp.err.startswith("warning: 26 of 26 merges (100%) rest on pairs seen fewer than 5")
    assert all(line == line.rstrip() for line in out.splitlines())


def test_train_json(wp: Wp, course: Path) -> None:
    document = json.loads(wp("train", str(course), "-v", "70", "-o", "out", "--json"))
    assert wp.err == ""
    seconds = document.pop("seconds")
    assert 0 <= seconds < 60
    warnings = document.pop("warnings")
    assert len(warnings) == 3
    assert document == {
        "output": "out",
        "model": "wordpiece",
        "score": "likelihood",
        "vocab_size": 70,
        "merges": 26,
        "words": 36,
        "word_types": 30,
        "skipped": 0,
        "stopped": "size",
    }


def test_train_quiet_prints_warnings_alone(wp: Wp, course: Path) -> None:
    assert wp("train", str(course), "-v", "60", "-q") == ""
    assert wp.err.count("\n") == wp.err.count("warning: ") == 3


def test_train_takes_every_option(wp: Wp, course: Path) -> None:
    wp(
        *("train", str(course), str(course), "-v", "60", "-o", "out", "-q", "--score", "gain"),
        *("--model", "wordpiece", "--min-frequency", "2", "--lowercase", "--no-strip-accents"),
        *("--no-cjk-spacing", "--limit-alphabet", "20", "--full-alphabet", "--workers", "2"),
        *("--max-token-length", "4", "--special-token", "[UNK]", "--special-token", "<s>"),
        *("--errors", "replace", "--format", "text", "--on-error", "skip"),
    )
    options = json.loads(Path("out/training.json").read_text())["options"]
    assert options == {
        "vocab_size": 60,
        "model": "wordpiece",
        "score": "gain",
        "min_frequency": 2,
        "limit_alphabet": 20,
        "full_alphabet": True,
        "max_token_length": 4,
        "special_tokens": ["[UNK]", "<s>"],
        "fuse_unk": False,
        "splitting": "bert",
        "clean_text": True,
        "cjk_spacing": False,
        "strip_accents": False,
        "lowercase": True,
        "format": "text",
        "field": None,
        "column": None,
        "errors": "replace",
        "on_error": "skip",
    }
    tokens = Path("out/vocab.txt").read_text().split("\n")
    assert tokens[:2] == ["[UNK]", "<s>"]
    assert max(len(token.removeprefix("##")) for token in tokens[2:]) <= 4


def test_train_from_standard_input_equals_train_from_the_file(
    trained: Wp, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped(monkeypatch, course.read_bytes())
    trained("train", "-", "-v", "70", "-o", "piped", "-q")
    for name in ("vocab.txt", "tokenizer.json", "merges.jsonl"):
        assert Path("piped", name).read_bytes() == Path("tokenizer", name).read_bytes()


def test_warning_about_hangul_names_the_option(wp: Wp) -> None:
    Path("ko.txt").write_text("한국어 한국 국어", encoding="utf-8")
    wp("train", "ko.txt", "-v", "30", "--lowercase", "-q")
    assert "splits Hangul into Jamo" in wp.err
    assert "--no-strip-accents keeps syllables whole" in wp.err
    wp("train", "ko.txt", "-v", "30", "--lowercase", "--no-strip-accents", "-q")
    assert "Jamo" not in wp.err


def test_warning_about_characters_with_one_form_leaves_punctuation_out(wp: Wp) -> None:
    Path("t.txt").write_text("ab, 中 ab", encoding="utf-8")
    wp("train", "t.txt", "-v", "30", "-q")
    assert "no ## form of 1 character (a): a word with" in wp.err
    assert "only a ## form of 1 character (b): a word that" in wp.err
    assert "[UNK]" in wp.err
    wp("train", "t.txt", "-v", "30", "-q", "--full-alphabet")
    assert "form" not in wp.err


def test_warning_about_a_vocabulary_that_ended_early(wp: Wp) -> None:
    Path("t.txt").write_text("ab ab ab ab ab", encoding="utf-8")
    wp("train", "t.txt", "-v", "99", "-q")
    assert "ended at 8 of 99 tokens: no pair left" in wp.err


# ---------------------------------------------------------------- encode, decode


def test_encode_shows_a_table(trained: Wp) -> None:
    out = trained("encode", "This is it", "--pair", "[MASK]", "--special-tokens")
    assert out == (
        "word    token   id  offsets  type  mask\n"
        "        [CLS]    2              0     1\n"
        "This    Th      52      0-2     0     1\n"
        "        ##i     13      2-3     0     1\n"
        "        ##s     21      3-4     0     1\n"
        "is      is      64      5-7     0     1\n"
        "it      i       38      8-9     0     1\n"
        "        ##t     22     9-10     0     1\n"
        "        [SEP]    3              0     1\n"
        "[MASK]  [MASK]   4      0-6     1     1\n"
        "        [SEP]    3              1     1\n"
    )


@given(st.lists(st.tuples(nasty_text, nasty_text, *[st.integers(0, 10**6)] * 4), max_size=4))
def test_a_pipe_gets_the_table_that_rich_would_lay_out(rows: list[tuple[object, ...]]) -> None:
    """Where it is narrow, it is printed without rich, which takes long to load."""
    cells = [tuple(visible(str(cell)) for cell in row) for row in rows]
    lines = plain_lines(cells)
    with redirect_stdout(io.StringIO()) as shown, patch.dict(os.environ, COLUMNS="80"):
        show_table(cells)
    if lines:
        assert [line.rstrip() for line in lines] == shown.getvalue().splitlines()
    else:
        assert max(map(cell_len, shown.getvalue().splitlines())) > 60  # all room was taken


def test_a_short_text_is_encoded_without_rich(trained: Wp) -> None:
    found = subprocess.run(
        [sys.executable, "-X", "importtime", *WP[1:], "encode", "a b"],
        env=environment(COLUMNS=""),
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.splitlines()[1].split() == ["a", "a", "33", "0-1", "0", "1"]
    assert "click" in found.stderr
    assert "rich" not in found.stderr


def test_encode_shows_no_special_tokens_by_default(trained: Wp) -> None:
    assert trained("encode", COURSE, "--tokens") == (
        "Th ##i ##s is th ##e Hugg ##i ##n ##g Fac ##e c ##o ##u ##r ##s ##e [UNK]\n"
    )


def test_encode_json_has_the_fields_that_others_rely_on(trained: Wp) -> None:
    document = json.loads(trained("encode", "is!", "--json", "--special-tokens"))
    assert document == {
        "tokens": ["[CLS]", "is", "[UNK]", "[SEP]"],
        "ids": [2, 64, 1, 3],
        "offsets": [[0, 0], [0, 2], [2, 3], [0, 0]],
        "type_ids": [0, 0, 0, 0],
        "attention_mask": [1, 1, 1, 1],
        "special_tokens_mask": [1, 0, 0, 1],
        "word_ids": [None, 0, 1, None],
    }


def test_encode_shows_what_a_terminal_would_hide_or_eat(wp: Wp) -> None:
    Path("vocab.txt").write_text("[UNK]\n[unused1]\n[/]\na\n")
    out = wp("encode", "a\u202ea\x1ba [bold]", "-t", "vocab.txt")
    assert "a<U+202E>a<U+001B>a" in out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_encode_and_decode_read_standard_input(
    trained: Wp, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped(monkeypatch, b"This is\n")
    assert trained("encode", "--ids") == "52 13 21 64\n"
    piped(monkeypatch, b"52 13, 21\n64\n")
    assert trained("decode", "-") == "This is\n"
    assert trained("decode", "52", "13,21") == "This\n"


def test_decode_json_and_special_tokens(trained: Wp) -> None:
    document = json.loads(trained("decode", "2", "64", "3", "--json"))
    assert document == {"text": "is", "ids": [2, 64, 3], "tokens": ["[CLS]", "is", "[SEP]"]}
    assert trained("decode", "2", "64", "--keep-special-tokens") == "[CLS] is\n"


def test_encode_a_file_line_by_line(trained: Wp) -> None:
    Path("in.txt").write_text("This is\n\nabout", encoding="utf-8")
    assert trained("encode", "--input", "in.txt") == "Th ##i ##s is\n\nab ##o ##ut\n"
    trained("encode", "--input", "in.txt", "--output", "out.ids", "--ids", "--special-tokens")
    assert Path("out.ids").read_text() == "2 52 13 21 64 3\n2 3\n2 44 18 68 3\n"


def test_the_tokenizer_is_found_by_option_environment_or_folder(
    trained: Wp, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("tokenizer").rename("elsewhere")
    assert trained("encode", "is", "--tokens", "-t", "elsewhere") == "is\n"
    assert trained("encode", "is", "--tokens", "-t", "elsewhere/tokenizer.json") == "is\n"
    monkeypatch.setenv("WP_TOKENIZER", "elsewhere")
    assert trained("encode", "is", "--tokens") == "is\n"


def test_a_bare_vocab_txt_takes_the_text_options(wp: Wp) -> None:
    Path("vocab.txt").write_text("[UNK]\nparis\né\n", encoding="utf-8")
    assert wp("encode", "Paris", "--tokens", "-t", "vocab.txt") == "[UNK]\n"
    assert wp("encode", "Paris", "--tokens", "-t", "vocab.txt", "--lowercase") == "paris\n"
    options = ("-t", "vocab.txt", "--lowercase", "--no-strip-accents")
    assert wp("encode", "É", "--tokens", *options) == "é\n"


def test_a_duplicate_in_a_vocab_txt_is_a_warning_of_one_line(wp: Wp) -> None:
    Path("vocab.txt").write_text("[UNK]\na\na\n")
    assert wp("encode", "a", "--ids", "-t", "vocab.txt") == "2\n"
    assert wp.err.startswith("wp: warning: vocab.txt: 'a' stands twice: ")
    assert wp.err.count("\n") == 1


# ---------------------------------------------------------------- help


BERT_COMMANDS = ["bert pretrain", "bert embed", "bert resize", "bert classify"]
CLASSIFY_COMMANDS = ["bert classify train", "bert classify predict"]


@pytest.mark.parametrize("command", [*entry.COMMANDS, *BERT_COMMANDS, *CLASSIFY_COMMANDS])
def test_every_command_has_help_with_worked_examples(wp: Wp, command: str) -> None:
    out = wp(*command.split(), "--help")
    assert f"  wp {command} " in out
    assert "--json" in out
    assert "--quiet" in out or command in ("bert", "bert classify")  # commands of their own
    assert all(len(line) <= 80 for line in out.splitlines())


def test_help_lists_every_command(wp: Wp) -> None:
    assert all(f"  {command} " in wp("--help") for command in entry.COMMANDS)
    assert wp() == wp("-h")
    assert wp("--version").startswith("wp, version 0.")


# ---------------------------------------------------------------- bad input


@pytest.fixture
def world(trained: Wp) -> Wp:
    """Files that are no use."""
    Path("empty.txt").write_bytes(b"")
    Path("void").mkdir()
    Path("white.txt").write_bytes(b" \n\t\xc2\xa0\n")
    Path("latin1.txt").write_bytes(b"word caf\xe9\n")
    Path("broken.json").write_bytes(b"{")
    Path("unigram.json").write_text('{"model": {"type": "Unigram"}}')
    Path("named.tok").write_text('{"model": {"type": "Unigram"}}')
    Path("file").write_bytes(b"mine")
    return trained


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("frobnicate", "no command 'frobnicate': must be one of train, count, merge-counts,"),
        ("--frobnicate", "No such option '--frobnicate'"),
        ("train C --oops", "No such option '--oops': see wp train --help"),
        ("train C", "Missing option '--vocab-size'"),
        ("train C -v ten", "'ten' is not a valid integer"),
        ("train C -v 0", "--vocab-size 0: must be at least 1"),
        ("train C -v 43", "--vocab-size 43: at least 44 are needed, for 5 special tokens, 16"),
        ("train C -v 43", "--limit-alphabet N keeps fewer"),
        ("train C -v 70 --min-frequency 0", "--min-frequency 0: must be at least 1"),
        ("train C -v 70 --limit-alphabet 0", "--limit-alphabet 0: must be at least 1"),
        ("train C -v 70 --max-token-length 0", "--max-token-length 0: must be at least 1"),
        ("train C -v 70 --workers 0", "--workers 0: must be a whole number of at least 1"),
        ("train C -v 70 --score luck", "'luck' is not one of 'likelihood', 'gain', 'frequency'"),
        ("train C -v 70 --special-token x", "--special-token: [UNK] must be among them"),
        ("train missing.txt -v 70", "missing.txt: no such file"),
        ("train void -v 70", "void: the folder holds no file"),
        ("train empty.txt -v 70", "empty.txt: holds no word: it is empty or all white space"),
        ("train white.txt -v 70", "white.txt: holds no word"),
        ("train latin1.txt -v 70", "latin1.txt: byte 8 (0xe9) is not UTF-8"),
        ("train latin1.txt -v 70", "--errors replace"),
        ("train C -v 70 -o file", "file: cannot be written: exists and is no folder"),
        ("train C -v 70 -o file/below", "cannot be written"),
        ("encode a -t nowhere", "nowhere: no such tokenizer: make one with wp train"),
        ("encode a -t .", ".: holds no tokenizer"),
        ("encode a -t broken.json", "broken.json: is no JSON"),
        (
            "encode a -t unigram.json",
            "unigram.json: the part 'model' is Unigram; only WordPiece and BPE are supported",
        ),
        ("encode a --lowercase", "says lowercase=False itself"),
        ("encode a --json --ids", "--json, --tokens, --ids: only one of them at a time"),
        ("encode a --input C", "--input: takes no TEXT"),
        ("encode a --output x", "--output x: is for --input FILE"),
        ("encode --input missing.txt", "missing.txt: no such file"),
        ("encode --input C --output nowhere/x", "cannot be written"),
        ("decode 70", "the id '70': must be a number that the vocabulary has, from 0 to 69"),
        ("decode one", "the id 'one'"),
        (f"decode {'9' * 5000}", "the id '99999"),
        ("train C -v 70 --special-token \udcff", "byte 0 is not UTF-8"),
        ("encode a -t named.tok", "named.tok: the part 'model' is Unigram"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_two(
    world: Wp, course: Path, arguments: str, message: str
) -> None:
    before = contents(Path("tokenizer"))
    words = [str(course) if word == "C" else word for word in arguments.split()]
    assert world(*words, code=2) == ""
    assert message in world.err
    assert world.err.startswith("wp: ")
    assert world.err.count("\n") == 1
    assert contents(Path("tokenizer")) == before
    assert Path("file").read_bytes() == b"mine"


def test_without_a_tokenizer_the_way_to_one_is_told(wp: Wp) -> None:
    wp("encode", "a", code=2)
    assert "no tokenizer in ./tokenizer: make one with wp train CORPUS" in wp.err


def test_standard_input_that_is_not_utf8(trained: Wp, monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, b"abc\xff")
    trained("encode", code=2)
    assert trained.err == (
        "wp: standard input: byte 3 is not UTF-8: convert it first, with iconv -t UTF-8\n"
    )


def test_an_argument_that_is_not_utf8(trained: Wp) -> None:
    trained("encode", "caf\udce9", code=2)
    assert "byte 3 is not UTF-8" in trained.err


def process(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    """`wp` in a process of its own."""
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [*WP, *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def test_ctrl_c_leaves_the_old_tokenizer_and_says_so_in_one_line(trained: Wp) -> None:
    """Interrupted while it waits for its input, with a worker at work on what came before."""
    before = contents(Path("tokenizer"))
    running = process("train", "-", "-v", "70", "--workers", "2", stdin=subprocess.PIPE)
    assert running.stdin is not None
    running.stdin.write(b"some words\n" * 900_000)
    running.stdin.flush()
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, b"")
    assert err == b"wp: interrupted; nothing was left half-written\n"
    assert contents(Path("tokenizer")) == before
    assert remains() == []


def test_a_reader_that_has_seen_enough_is_no_error(trained: Wp) -> None:
    Path("in.txt").write_text("This is about tokens\n" * 50_000)
    running = process("encode", "--input", "in.txt")
    assert running.stdout is not None
    assert running.stdout.readline() == b"Th ##i ##s is ab ##o ##ut t ##o ##k ##e ##n ##s\n"
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait(timeout=60) == 0


def test_train_without_a_corpus_reads_standard_input(
    wp: Wp, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped(monkeypatch, course.read_bytes())
    assert json.loads(wp("train", "-v", "70", "--json"))["words"] == 36


def test_a_corpus_whose_name_is_not_utf8(wp: Wp, course: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    Path(name).write_bytes(course.read_bytes())
    wp("train", name, "-v", "70", "-q")
    signature = json.loads(Path("tokenizer/training.json").read_text(encoding="utf-8"))
    assert signature["corpus"][0]["name"] == "caf\\xe9.txt"


def shell(command: str) -> subprocess.CompletedProcess[bytes]:
    """A command line with `wp` in it, run by the shell."""
    return subprocess.run(
        command.replace("wp ", f"{shlex.join(WP)} "),
        shell=True,
        env=environment(),
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("wp encode is > /dev/full", b"standard output: cannot be written: No space left"),
        ("wp --help > /dev/full", b"standard output: cannot be written: No space left"),
        ("wp encode <&-", b"standard input is closed"),
        ("wp train - -v 70 <&-", b"standard input is closed"),
        ("wp encode is >&-", b"standard output is closed"),
    ],
)
def test_streams_that_are_closed_or_full(trained: Wp, command: str, message: bytes) -> None:
    run = shell(command)
    assert (run.returncode, run.stderr.count(b"\n")) == (2, 1), run.stderr
    assert message in run.stderr


def test_writing_to_a_device_leaves_what_is_before_and_after(trained: Wp) -> None:
    Path("in.txt").write_text("is\n")
    run = shell("(echo a; wp encode --input in.txt --output /dev/stdout; echo b) > out.txt")
    assert run.returncode == 0, run.stderr
    assert Path("out.txt").read_text() == "a\nis\nb\n"


def test_no_bar_is_drawn_into_a_file_even_when_colors_are_forced(
    wp: Wp, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    wp("train", str(course), "-v", "70", "--json")
    assert wp.err == ""


def test_output_that_is_not_utf8_gets_escapes(trained: Wp) -> None:
    Path("vocab.txt").write_text("[UNK]\n한\n", encoding="utf-8")
    ascii = environment(PYTHONIOENCODING="ascii")
    command = [*WP, "encode", "한", "-t", "vocab.txt"]
    for form in ("--json", "--tokens", "-q"):
        run = subprocess.run([*command, form], env=ascii, capture_output=True, check=False)
        assert run.returncode == 0, run.stderr
    assert Tokenizer.from_file("vocab.txt").encode_ids(["한"]) == [[1]]


# ---------------------------------------------------------------- texts made to fit


VOCAB = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "love", "paris", "so", "##s", "'"]


@pytest.fixture
def small() -> str:
    Path("vocab.txt").write_text("\n".join(VOCAB) + "\n", encoding="utf-8")
    return "vocab.txt"


def test_padding_is_drawn_as_the_literature_does(wp: Wp, small: str) -> None:
    options = ("-t", small, "--lowercase", "--max-length", "7", "--padding")
    assert wp("encode", "I love Paris", "--tokens", *options) == (
        "[CLS] i love paris [SEP] [PAD] [PAD]\n"
    )
    found = json.loads(wp("encode", "I love Paris", "--json", *options))
    assert found["attention_mask"] == [1, 1, 1, 1, 1, 0, 0]
    assert found["type_ids"] == [0] * 7
    assert "overflowing" not in found


def test_what_is_cut_off_is_shown_in_windows(wp: Wp, small: str) -> None:
    options = ("-t", small, "--max-length", "4", "--stride", "1")
    shown = wp("encode", "i love paris", "--tokens", *options)
    assert shown == "[CLS] i love [SEP]\n[CLS] love paris [SEP]\n"
    found = json.loads(wp("encode", "i love paris", "--json", *options))
    assert [window["tokens"][1] for window in found["overflowing"]] == ["love"]


def test_words_that_are_split_already_keep_their_numbers(wp: Wp, small: str) -> None:
    found = json.loads(wp("encode", "i's loves", "--words", "--json", "-t", small))
    assert found["word_ids"] == [0, 0, 0, 1, 1]
    assert found["offsets"] == [[0, 1], [1, 2], [2, 3], [0, 4], [4, 5]]
    rows = wp("encode", "i's loves", "--words", "-t", small).splitlines()
    assert [row.split()[0] for row in rows[1:]] == ["i's", "'", "[UNK]", "loves", "##s"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--stride", "2"), "needs max_length"),
        (("--max-length", "1"), "the special tokens alone are 2"),
        (("--max-length", "4", "--stride", "4"), "stride 4: must be from 0 to 3"),
        (("--padding", "--pad-token", "x"), "pad_token 'x': is not in the vocabulary"),
        (("--input", "a", "--max-length", "5"), "--input: takes no TEXT"),
        (("--input", "a", "--words"), "--input: takes no TEXT, --pair, --words"),
        (("--input", "a", "--pad-token", "x"), "--pad-token: is for --padding"),
        (("--ids", "--pad-token", "x"), "--pad-token: is for --padding"),
        (("--padding-side", "left"), "--padding-side: is for --padding"),
        (("--truncation-side", "left", "--padding"), "--truncation-side: is for --max-length"),
    ],
)
def test_a_length_that_cannot_be_is_one_line(
    wp: Wp, small: str, arguments: tuple[str, ...], message: str
) -> None:
    text = () if "--input" in arguments else ("i love paris",)
    wp("encode", *text, "-t", small, *arguments, code=2)
    assert wp.err.count("\n") == 1
    assert message in wp.err


def test_no_words_are_no_error(wp: Wp, small: str) -> None:
    for text in ("", "  "):
        found = wp(
            "encode", text, "--pair", text, "-t", small, "--words", "--ids", "--special-tokens"
        )
        assert found == wp("encode", "", "--pair", "", "-t", small, "--ids", "--special-tokens")


@pytest.mark.parametrize("columns", ["1", "30", "60", "79", "80", "200"])
def test_help_is_as_wide_as_click_makes_it(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert help_width() == click.HelpFormatter().width


def test_a_word_between_colons_stays_one(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(":smile:")
    table.add_row(":heart:")
    show(table)
    shown = capsys.readouterr().out
    assert ":smile:" in shown
    assert ":heart:" in shown


# What the process does when the command is done. `{}` runs within it.
PROCESS = """
import atexit, sys, threading, time
from wordpiece.cli import main
command = main.main
def inside():
    {}
    command()
main.main = inside
sys.argv = ["wp", *sys.argv[1:]]
main.script()
"""


@pytest.mark.parametrize(
    ("inside", "arguments", "code", "out", "err"),
    [
        ("pass", ["--version"], 0, f"wp, version {__version__}\n", ""),
        ("pass", ["decode", "x", "-t", "y"], 2, "", "wp: y: no such tokenizer"),
        ("atexit.register(print, 'after')", ["--version"], 0, "\nafter\n", ""),
        (
            "threading.Timer(0.3, print, ['thread']).start()",
            ["--version"],
            0,
            "\nthread\n",
            "",
        ),
        ("sys.stdout.write('x' * 300_000); sys.exit(3)", [], 3, "x" * 300_000, ""),
        ("1 / 0", [], 1, "", "ZeroDivisionError: division by zero\n"),
        ("sys.exit('a message')", [], 1, "", "a message\n"),
    ],
)
def test_the_process_ends_with_the_code_and_loses_nothing(
    inside: str, arguments: list[str], code: int, out: str, err: str
) -> None:
    program = PROCESS.format(inside)
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert out in done.stdout
    assert err in done.stderr
