"""Files of strangers: an answer or one line of error, in time that goes with their size.

Time is not measured here. What is measured is work that can be counted, and memory; a quadratic
step would let these tests run for minutes.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import wordpiece
from tests.command import REPOSITORY
from wordpiece import FormatError, Tokenizer, WordpieceError, errors, loading, presets
from wordpiece.formats import counts_file, tokenizer_json, vocab_txt

VOCAB = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "##a", "##b", "ab"]
Json = dict[str, Any]


def document() -> Json:
    """A good tokenizer.json."""
    found: Json = json.loads(tokenizer_json.dump(presets.wordpiece(VOCAB)))
    return found


def read(content: str | Json) -> Tokenizer:
    text = content if isinstance(content, str) else json.dumps(content)
    Path("tokenizer.json").write_text(text, encoding="utf-8")
    return Tokenizer.from_file("tokenizer.json")


def peak_megabytes(*arguments: str) -> float:
    """The most memory that a run of the command held, which must end well."""
    program = (
        "import sys\nfrom wordpiece.cli.main import run\nrun(sys.argv[1:])\n"
        "print(open('/proc/self/status').read(), file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, *arguments]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    peak = re.search(r"VmHWM:\s+(\d+) kB", found.stderr)
    assert peak
    return int(peak[1]) / 1000


# ---------------------------------------------------------------- tokenizer.json


@pytest.mark.parametrize(
    "content",
    ['{"a":' * 100_000, '{"model":' + "[" * 100_000, "[" * 1_000_000, '{"model": {"type": "BPE"'],
)
def test_json_that_is_too_deep_or_broken_is_refused(content: str) -> None:
    with pytest.raises(FormatError, match=r"^tokenizer\.json: is no JSON"):
        read(content)


def test_the_configuration_beside_a_vocabulary_is_no_safer() -> None:
    Path("d").mkdir()
    Path("d/vocab.txt").write_text("\n".join(VOCAB))
    Path("d/tokenizer_config.json").write_text("[" * 100_000)
    with pytest.raises(FormatError, match="is no JSON"):
        Tokenizer.from_file("d")


def test_a_file_larger_than_any_tokenizer_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("vocab.txt").open("wb") as file:
        file.truncate(loading.LARGEST_FILE + 1)  # no block of it is on the disk
    with pytest.raises(FormatError, match="is larger than 536,870,912 bytes"):
        Tokenizer.from_file("vocab.txt")


def test_a_template_cannot_make_each_text_a_million_tokens() -> None:
    slot = {"SpecialToken": {"id": "[CLS]", "type_id": 0}}
    text = {"Sequence": {"id": "A", "type_id": 0}}
    pair = [text, {"Sequence": {"id": "B", "type_id": 0}}]
    for slots, copies in ((100_000, 1), (50, 100_000)):
        found = document()
        found["post_processor"] = {
            "type": "TemplateProcessing",
            "single": [*[slot] * slots, text],
            "pair": pair,
            "special_tokens": {
                "[CLS]": {"id": "[CLS]", "ids": [2] * copies, "tokens": ["[CLS]"] * copies}
            },
        }
        with pytest.raises(FormatError, match="more than 100 places or 1000 ids"):
            read(found)


def added(number: int, **options: bool) -> list[Json]:
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return [
        {"id": 10 + at, "content": f"<{at}>", **flags, "special": True, **options}
        for at in range(number)
    ]


def test_very_many_added_tokens_are_read_and_found() -> None:
    found = document()
    found["added_tokens"] += added(20_000)
    assert read(found).encode("a<19999>", add_special_tokens=False).ids == [5, 20_009]


def test_added_tokens_of_two_kinds_are_not_all_held_against_each_other() -> None:
    found = json.loads(tokenizer_json.dump(presets.bpe(VOCAB, [("a", "b")])))
    found["normalizer"] = None
    tokens = added(4000)
    for token in tokens[2000:]:
        token["normalized"] = True
    found["added_tokens"] = [*found["added_tokens"], *tokens]
    with pytest.raises(FormatError, match="too many tokens, normalized and not"):
        read(found)


def test_added_tokens_that_swallow_white_space_do_not_look_at_the_whole_text_each_time() -> None:
    found = document()
    found["added_tokens"] += added(1, lstrip=True, rstrip=True)
    ids = read(found).encode("  <0>  a" * 50_000, add_special_tokens=False).ids
    assert ids == [10, 5] * 50_000


def test_long_tokens_and_a_long_word_are_not_tried_at_every_length() -> None:
    found = document()
    found["model"]["max_input_chars_per_word"] = 10**9
    found["model"]["vocab"] |= {"a" * 3000 + "c": 10, "##" + "a" * 3000 + "c": 11}
    assert read(found).encode("a" * 100_000, add_special_tokens=False).ids == [5] + [7] * 99_999


def test_regular_expressions_of_a_file_are_not_compiled() -> None:
    found = document()
    found["pre_tokenizer"] = {
        "type": "Split",
        "pattern": {"Regex": "(a+)+$"},
        "behavior": "Isolated",
        "invert": False,
    }
    with pytest.raises(FormatError, match="the part 'pre_tokenizer' is Split"):
        read(found)
    found["pre_tokenizer"] = None
    found["normalizer"] = {"type": "Replace", "pattern": {"Regex": "(a+)+$"}, "content": ""}
    with pytest.raises(FormatError, match="the part 'normalizer' is Replace"):
        read(found)


def test_what_is_quoted_in_an_error_is_cut_short() -> None:
    found = document()
    found["model"]["vocab"]["x" * 1_000_000] = 9999
    with pytest.raises(FormatError) as caught:
        read(found)
    assert len(str(caught.value)) < 2 * errors.LONGEST_MESSAGE


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00\\ud800"])
def test_halves_of_surrogate_pairs_in_a_file_are_refused(escape: str) -> None:
    text = json.dumps(document()).replace('"ab"', f'"{escape}"')
    with pytest.raises(FormatError, match="UTF-16"):
        read(text)


# ---------------------------------------------------------------- corpora


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux says how much")
@pytest.mark.parametrize("model", ["wordpiece", "byte-bpe"])
@pytest.mark.parametrize("end", [" ", "\r", "가 "])
def test_one_line_of_many_megabytes_takes_little_more_memory_than_lines(
    model: str, end: str
) -> None:
    words = "".join(f"some words and {number} numbers{end}" for number in range(1000))
    Path("line.txt").write_text(words * 700, encoding="utf-8", newline="")
    size = Path("line.txt").stat().st_size / 1e6
    arguments = ("count", "line.txt", "-o", "c.tsv", "-q", "--workers", "1", "--model", model)
    assert peak_megabytes(*arguments) < 100 + 4 * size


def test_a_word_of_a_million_characters_is_one_word() -> None:
    Path("word.txt").write_text("a" * 1_000_000)
    wordpiece.count_words("word.txt", "c.tsv")
    assert wordpiece.load_counts("c.tsv").counts == {"a" * 1_000_000: 1}
    tokenizer = Tokenizer(presets.wordpiece(VOCAB))
    assert tokenizer.encode_ids(["a" * 1_000_000]) == [[1]]
    bpe = Tokenizer(presets.bpe(VOCAB, [("a", "b")]))
    assert bpe.encode_ids(["ab" * 100_000]) == [[9] * 100_000]


def test_a_corpus_of_nuls_holds_no_word() -> None:
    Path("nuls.txt").write_bytes(bytes(3_000_000))
    with pytest.raises(WordpieceError, match=r"nuls\.txt: holds no word"):
        wordpiece.train(Path("nuls.txt"), vocab_size=100)
    assert wordpiece.train(Path("nuls.txt"), vocab_size=300, model="byte-bpe").words == 1


def test_a_training_on_one_word_of_very_many_characters_ends() -> None:
    result = wordpiece.train(["ab" * 50_000], vocab_size=40)
    assert [merge.new for merge in result.merges][:3] == ["ab", "aba", "abab"]
    assert result.tokenizer.get_vocab_size() <= 40


# ---------------------------------------------------------------- what fuzzing found and kept

SEEDS = sorted((REPOSITORY / "tests" / "seeds").rglob("*.bin"))


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_inputs_that_fuzzing_kept_are_read_or_refused(path: Path) -> None:
    data = path.read_bytes()
    text = data.decode("utf-8", "ignore")
    with contextlib.suppress(WordpieceError, vocab_txt.DuplicateTokenWarning):
        match path.parent.name:
            case "tokenizer_json":
                tokenizer = read(text)
                ids = tokenizer.encode("ab [MASK] é").ids
                assert tokenizer.encode_ids(["ab [MASK] é"], add_special_tokens=True) == [ids]
            case "vocab_txt":
                vocab = vocab_txt.parse(text, source="seed")
                assert vocab_txt.parse(vocab_txt.dump(vocab, source="seed"), source="") == vocab
            case "counts":
                Path("c.tsv").write_bytes(data)
                found = counts_file.read("c.tsv")
                counts_file.write("again.tsv", found.header, found.counts.items())
                assert counts_file.read("again.tsv").counts == found.counts


def test_there_are_seeds_for_every_reader() -> None:
    assert {path.parent.name for path in SEEDS} == {"tokenizer_json", "vocab_txt", "counts"}
