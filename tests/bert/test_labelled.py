"""Labelled files: which columns are taken, and what is refused."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest

from tests.command import Wp
from wordpiece.bert.labelled import Labelled, drawn, held_out_part, joined, read_labelled, split
from wordpiece.errors import InputError, OptionError, WordpieceError


def read(name: str, text: str, **options: str) -> Labelled:
    Path(name).write_text(text, encoding="utf-8")
    return read_labelled(name, **options)


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        ("a.tsv", "good\t1\nbad\t0\n", {}),
        ("a.txt", "good\t1\r\nbad\t0\r\n", {}),
        ("a.tsv", "id\tdocument\tlabel\n7\tgood\t1\n8\tbad\t0\n", {}),
        ("a.tsv", "label\ttext\n1\tgood\n0\tbad\n", {}),
        ("a.csv", 'text,label\ngood,1\n"bad",0\n', {}),
        ("a.tsv", "1\tx\tgood\n0\tx\tbad\n", {"text_column": "3", "label_column": "1"}),
        (
            "a.tsv",
            "stars\tbody\n1\tgood\n0\tbad\n",
            {"text_column": "body", "label_column": "stars"},
        ),
        ("a.jsonl", '{"text": "good", "label": 1}\n\n{"text": "bad", "label": 0}\n', {}),
        (
            "a.jsonl",
            '{"a": {"b": "good"}, "y": "1"}\n{"a": {"b": "bad"}, "y": "0"}\n',
            {"text_column": "a.b", "label_column": "y"},
        ),
        ("a.tsv", "good\t1\n  \t1\nbad\t0\n", {}),
    ],
)
def test_texts_and_labels_are_found(name: str, text: str, options: dict[str, str]) -> None:
    found = read(name, text, **options)
    assert found.texts == ("good", "bad")
    assert found.names == ("0", "1")
    assert found.labels == (1, 0)
    assert found.majority == 0.5


def test_a_compressed_table_is_read_as_the_table() -> None:
    Path("a.tsv.gz").write_bytes(gzip.compress(b"good\t10\nbad\t9\n"))
    assert read_labelled("a.tsv.gz").names == ("9", "10")  # numbers in their order


@pytest.mark.parametrize(
    ("name", "text", "options", "message"),
    [
        ("a.tsv", "good\nbad\n", {}, "a.tsv: has no labels: its rows have 1 column, and a text"),
        ("a.tsv", "good\t1\nbad\t1\n", {}, "a.tsv: all texts have the label '1'"),
        ("a.tsv", "", {}, "a.tsv: is empty"),
        ("a.tsv", "text\tlabel\n", {}, "a.tsv: holds no labelled text"),
        ("a.tsv", "good\t1\nbad\n", {}, "a.tsv: row 2: has 1 of 2 columns"),
        ("a.tsv", "good\t1\nbad\t \n", {}, "a.tsv: row 2: the label is empty"),
        ("a.tsv", "a\t1\n", {"label_column": "5"}, "--label-column 5: a.tsv has 2 columns"),
        ("a.tsv", "a\t1\n", {"text_column": "x"}, "--text-column 'x': a.tsv has no such column"),
        ("a.tsv", "a\t1\n", {"text_column": "2"}, "a.tsv: text and label are both column 2"),
        ("a.jsonl", '{"text": "a"}\n', {}, "a.jsonl: line 1: has no label or labels or class"),
        ("a.jsonl", '{"text": 1, "label": 1}\n', {}, "a.jsonl: line 1: the text is no string"),
        ("a.jsonl", '{"text": "a", "label": []}\n', {}, "a.jsonl: line 1: the label must be"),
        ("a.jsonl", "[\n", {}, "a.jsonl: line 1: is no JSON"),
        ("a.jsonl", "3\n", {}, "a.jsonl: line 1: has no text"),
        ("a.parquet", "", {}, "a.parquet: labels are read from CSV, TSV and JSON lines"),
        ("a.csv", 'text,label\n"a,1\n', {}, "a.csv: line 2: unexpected end of data"),
        (
            "a.tsv",
            "".join(f"a\t{number}\n" for number in range(1001)),
            {},
            "a.tsv: 1,001 different labels are no classes",
        ),
    ],
)
def test_what_holds_no_labels_is_refused(
    name: str, text: str, options: dict[str, str], message: str
) -> None:
    with pytest.raises(WordpieceError) as error:
        read(name, text, **options)
    assert str(error.value).startswith(message)


def test_a_first_row_that_looks_like_names_is_no_text() -> None:
    rows = "".join(f"some text {number}\t{number % 2}\n" for number in range(20))
    with pytest.raises(InputError, match=r"row 1 \('comment', 'rating'\) looks like names"):
        read("a.tsv", f"comment\trating\n{rows}")
    assert len(
        read("a.tsv", f"comment\trating\n{rows}", text_column="comment", label_column="rating")
    )
    assert len(read("a.tsv", f"fine\t1\n{rows}")) == 21
    for header, labels in (("Review Text\tRating", "12"), ("phrase\tsentiment", "ab")):
        with pytest.raises(InputError, match="looks like names of columns"):
            read("a.tsv", f"{header}\n" + "".join(f"t {each}\t{each}\n" for each in labels))
    for first in ("ok\tneutral", "Zurich\tswiss"):
        assert len(read("a.tsv", f"{first}\n" + "x y\tpos\nz\tneg\n" * 10)) == 21
    assert len(read("a.tsv", "최고\t10\n" + "".join(f"t\t{n % 9}\n" for n in range(40)))) == 41
    with pytest.raises(InputError, match="has 3 columns, and the first row names none of them"):
        read("a.csv", "id,phrase,mood\n1,some text,good\n2,other text,bad\n")


@pytest.mark.parametrize("header", ["Text,Label", "SENTENCE,category", " text , label "])
def test_usual_names_are_known_in_any_case(header: str) -> None:
    rows = "".join(f"some text {n},{n % 2}\n" for n in range(20))
    for options in ({}, {"text_column": "1", "label_column": "2"}):
        assert len(read("a.csv", f"{header}\n{rows}", **options)) == 20


def test_of_very_many_texts_about_two_thousand_are_held_out() -> None:
    many = Labelled("t", ("x",) * 40_000, (0, 1) * 20_000, ("a", "b"))
    training, held_out = held_out_part(many, seed=0)
    assert (len(training), len(held_out)) == (38_000, 2000)


def test_names_of_columns_that_are_given_by_number_are_no_text() -> None:
    found = read("a.csv", "text,label\nfilm,a\nfun,b\n", text_column="1", label_column="2")
    assert found.texts == ("film", "fun")


def test_rows_without_a_text_are_counted() -> None:
    rows = "".join(f"text {n}\t{n % 2}\n" for n in range(20)) + " \t1\n" * 7
    training, held_out = held_out_part(read("a.tsv", rows), seed=0)
    assert (len(training) + len(held_out), training.empty + held_out.empty) == (20, 7)


def test_a_class_of_one_text_keeps_it() -> None:
    whole = read("a.tsv", "".join(f"t {n}\t{n % 2}\n" for n in range(30)) + "rare\tx\n")
    training, held_out = held_out_part(whole, seed=0)
    assert "rare" in training.texts
    assert len(held_out) == 4
    with pytest.raises(InputError, match="has one text of each label: none can be held out"):
        held_out_part(read("a.tsv", "a\t1\nb\t0\n"), seed=0)


def test_labels_that_were_not_learned_are_refused() -> None:
    with pytest.raises(InputError, match="has a label '2'; known are 0, 1"):
        read_labelled_with(("0", "1"))


def read_labelled_with(names: tuple[str, ...]) -> Labelled:
    Path("a.tsv").write_text("a\t2\n")
    return read_labelled("a.tsv", names=names)


def test_parts_hold_all_texts_and_none_twice() -> None:
    texts = "".join(f"text {number}\t{number % 2}\n" for number in range(50))
    whole = read("a.tsv", texts)
    for training, held_out in (held_out_part(whole, seed=3), split(whole, 20, seed=1)):
        assert sorted(training.texts + held_out.texts) == sorted(whole.texts)
    assert Counter(held_out_part(whole, seed=3)[1].labels) == {0: 2, 1: 2}
    assert joined([whole, whole]).labels == whole.labels * 2
    assert len(drawn(whole, 7, "--limit")) == 7
    assert drawn(whole, None, "--limit") is whole
    with pytest.raises(OptionError, match="--limit 0: must be at least 1"):
        drawn(whole, 0, "--limit")
    with pytest.raises(InputError, match="has only 50 texts; 50 are to be held out"):
        split(whole, 50, seed=0)


@pytest.mark.parametrize(
    "command", ["probe {} -t t.json", "bert classify train {} -t t.json --output out"]
)
@pytest.mark.parametrize(
    ("text", "message"), [("good\nbad\n", "has no labels"), ("a\t1\nb\t1\n", "all texts have")]
)
def test_the_commands_say_it_in_one_line(wp: Wp, command: str, text: str, message: str) -> None:
    Path("a.tsv").write_text(text)
    wp(*command.format("a.tsv").split(), code=2)
    assert message in wp.err
    assert wp.err.count("\n") == 1
