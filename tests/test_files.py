"""What is written loads elsewhere with the same results, and what others wrote loads here."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import tokenizers
from tokenizers import implementations

import wordpiece
from tests.command import Wp, contents
from tests.strategies import nasty_strings
from wordpiece import (
    FormatError,
    InputError,
    OptionError,
    OutputError,
    Tokenizer,
    WordCounts,
    presets,
)
from wordpiece.analysis.parity import check_parity
from wordpiece.analysis.words import words_of
from wordpiece.errors import UnsupportedError
from wordpiece.formats import atomic, tokenizer_json, vocab_txt
from wordpiece.models.wordpiece import WordPiece
from wordpiece.revision.extend import ExtensionOptions, extend
from wordpiece.text.byte_alphabet import byte_characters
from wordpiece.text.normalize import BertNormalizer
from wordpiece.text.pretokenize import BertPreTokenizer
from wordpiece.training.trainers import ModelName

FILES = {"tokenizer.json", "tokenizer_config.json", "vocab.txt", "training.json", "merges.jsonl"}
TEXTS = ["This is the course.", "", "[MASK] about!", "한국 中", *nasty_strings(50, seed=7)]


@pytest.fixture
def folder(course: Path, tmp_path: Path) -> Path:
    """A trained tokenizer."""
    wordpiece.train(course, vocab_size=70).save(tmp_path / "model")
    return tmp_path / "model"


def test_the_folder_holds_these_files_and_loads_here(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == FILES
    tokenizer = Tokenizer.from_file(folder)
    assert tokenizer.get_vocab_size() == 70
    again = Tokenizer.from_file(folder / "vocab.txt")
    assert again.encode_batch(TEXTS) == tokenizer.encode_batch(TEXTS)


def test_tokenizers_loads_it_with_the_same_results(folder: Path) -> None:
    theirs = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    ours = Tokenizer.from_file(folder)
    assert [e.ids for e in theirs.encode_batch(TEXTS)] == [e.ids for e in ours.encode_batch(TEXTS)]
    assert theirs.get_vocab() == ours.get_vocab()


@pytest.mark.parametrize("lowercase", [False, True])
def test_transformers_loads_it_with_the_same_results(
    course: Path, tmp_path: Path, lowercase: bool
) -> None:
    """The traps: a cased tokenizer lower-cased, no special tokens, no type ids."""
    transformers = pytest.importorskip("transformers")
    result = wordpiece.train(course, vocab_size=70, lowercase=lowercase, strip_accents=False)
    result.save(tmp_path / "model")
    theirs = transformers.AutoTokenizer.from_pretrained(str(tmp_path / "model"))
    for text in TEXTS:
        encoding = result.tokenizer.encode(text, "is")
        got = theirs(text, "is")
        assert got["input_ids"] == encoding.ids
        assert got["token_type_ids"] == encoding.type_ids
    assert (theirs.cls_token, theirs.pad_token, theirs.mask_token) == ("[CLS]", "[PAD]", "[MASK]")
    assert len(theirs) == 70


def test_training_json_says_what_was_done_and_no_time(folder: Path, course: Path) -> None:
    signature = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    assert signature["corpus"] == [
        {
            "name": str(course),
            "bytes": 202,
            "sha256": "636b1e0e554de6bfffc6ebeaa9bca4d9eeb6610efbccbe93fe05229bce267afc",
        }
    ]
    assert signature["options"]["vocab_size"] == 70
    assert signature["result"] == {
        "vocab_size": 70,
        "merges": 26,
        "words": 36,
        "word_types": 30,
        "skipped": 0,
        "stopped": "size",
    }
    assert "seconds" not in json.dumps(signature)


def test_merges_jsonl_has_every_field_of_every_merge(folder: Path) -> None:
    lines = (folder / "merges.jsonl").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    records = [json.loads(line) for line in lines]
    assert len(records) == 26
    assert records[0] == {
        "step": 1,
        "left": "a",
        "right": "##b",
        "new": "ab",
        "id": 44,
        "f_ab": 2,
        "f_a": 5,
        "f_b": 2,
        "n": 171,
        "score": 0.2,
        "fraction": "2/10",
        "n_after": 169,
        "n_tied": 2,
        "chosen_by": "first occurrence",
        "frequency_rank": 12,
        "margin": 1.0,
        "words_touched": 2,
        "rivals": records[0]["rivals"],
        "examples": records[0]["examples"],
    }


# ---------------------------------------------------------------- files of others


def test_a_tokenizer_json_that_hugging_face_wrote_for_bert(tmp_path: Path, course: Path) -> None:
    theirs = implementations.BertWordPieceTokenizer(lowercase=True)
    theirs.train([str(course)], vocab_size=80, show_progress=False)
    theirs.save(str(tmp_path / "hf.json"))
    ours = Tokenizer.from_file(tmp_path / "hf.json")
    for text in TEXTS:
        assert ours.encode(text).ids == theirs.encode(text).ids
    ours.save("again.json")
    again = tokenizers.Tokenizer.from_file("again.json")
    assert again.encode("This is [MASK]").tokens == theirs.encode("This is [MASK]").tokens


def test_a_tokenizer_json_without_normalizer_template_or_decoder(tmp_path: Path) -> None:
    theirs = tokenizers.Tokenizer(
        tokenizers.models.WordPiece({"[UNK]": 0, "a": 1, "A": 2}, unk_token="[UNK]")
    )
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    theirs.save("plain.json")
    ours = Tokenizer.from_file("plain.json")
    for text in ("a A", "a\x0bA", "a\x1cA", "é"):
        assert ours.encode(text, "a").ids == theirs.encode(text, "a").ids
        assert ours.encode_ids([text]) == [theirs.encode(text).ids]
        assert ours.decode(ours.encode(text).ids) == theirs.decode(theirs.encode(text).ids)


def test_an_old_folder_with_vocab_txt_and_configuration(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("[UNK]\nparis\n", encoding="utf-8")
    assert Tokenizer.from_file(tmp_path).encode("Paris").tokens == ["[UNK]"]
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": true}', encoding="utf-8")
    assert Tokenizer.from_file(tmp_path).encode("Paris").tokens == ["paris"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": {"type": "Unigram", "vocab": []}}, "'model' is Unigram"),
        ({"normalizer": {"type": "Lowercase"}}, "'normalizer' is Lowercase"),
        ({"normalizer": {"type": "BertNormalizer", "shout": True}}, "'normalizer.shout'"),
        ({"pre_tokenizer": {"type": "Whitespace"}}, "'pre_tokenizer' is Whitespace"),
        ({"pre_tokenizer": None}, "'pre_tokenizer' is None"),
        ({"post_processor": {"type": "Split"}}, "'post_processor' is Split"),
        ({"decoder": {"type": "Metaspace"}}, "'decoder' is Metaspace"),
        ({"truncation": {"max_length": 512}}, "'truncation' is set"),
        ({"padding": {"strategy": "BatchLongest"}}, "'padding' is set"),
        (
            {"added_tokens": [{"id": 9, "content": "x", "normalized": True, "special": False}]},
            "'added_tokens['x'].normalized' is True",
        ),
        (
            {"added_tokens": [{"id": 9, "content": "x", "single_word": True}]},
            "'added_tokens['x'].single_word' is True",
        ),
        (
            {"added_tokens": [{"id": 1000, "content": "x"}]},
            "'added_tokens['x'].id' is 1000, where it must be 70",
        ),
        ({"added_tokens": [{"id": 70, "content": ""}]}, "'added_tokens['']' is empty"),
        ({"added_tokens": [{"id": 70, "content": "x"}] * 2}, "'added_tokens['x']' is there twice"),
        ({"normalizer": {"type": "BertNormalizer", "strip_accents": "no"}}, "of the wrong type"),
        (
            {"model": {"type": "WordPiece", "vocab": {"a": 0}, "max_input_chars_per_word": "100"}},
            "'model.max_input_chars_per_word' is '100', of the wrong type",
        ),
        ({"model": {"type": "WordPiece", "vocab": {"\ud800": 0}}}, "half a UTF-16 pair"),
        (
            {"model": {"type": "BPE", "vocab": {"a": 1}, "merges": []}, "added_tokens": []},
            "no token has the id 0",
        ),
        (
            {"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}},
            "the merge 'a' 'b': the vocabulary has no 'b'",
        ),
        ({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}}, "the merge 'a': must be"),
        (
            {"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [], "byte_fallback": True}},
            "'model.byte_fallback' is True; only False is supported",
        ),
        ({"model": {"type": "WordPiece"}}, "the part 'model' is damaged (KeyError: 'vocab')"),
        ({"model": {"type": "WordPiece", "vocab": {"a": -1}}}, "'model.vocab' must map"),
        ({"model": {"type": "WordPiece", "vocab": {"a": 1, "b": 1}}}, "one id to two tokens"),
        (
            {"post_processor": {"type": "TemplateProcessing"}},
            "the part 'post_processor' is damaged (KeyError: 'single')",
        ),
    ],
)
def test_what_is_not_supported_is_refused_by_name(
    folder: Path, change: dict[str, object], message: str
) -> None:
    document = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    Path("changed.json").write_text(json.dumps(document | change), encoding="utf-8")
    with pytest.raises(FormatError) as error:
        Tokenizer.from_file("changed.json")
    assert message in str(error.value)
    assert str(error.value).startswith("changed.json: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"{", "is no JSON"), (b"[]", "it has no part 'model'"), (b"\xff", "byte 0 is not UTF-8")],
)
def test_what_is_no_tokenizer_json_is_refused(content: bytes, message: str) -> None:
    Path("broken.json").write_bytes(content)
    with pytest.raises(FormatError, match=message):
        Tokenizer.from_file("broken.json")


def test_an_empty_vocab_txt_is_refused() -> None:
    Path("vocab.txt").write_bytes(b"\n\n")
    with pytest.raises(FormatError, match="holds no token"):
        Tokenizer.from_file("vocab.txt")


def test_a_missing_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such tokenizer"):
        Tokenizer.from_file("nowhere")
    with pytest.raises(InputError, match="holds no tokenizer"):
        Tokenizer.from_file(tmp_path)


def test_an_option_must_not_contradict_a_tokenizer_json(folder: Path) -> None:
    with pytest.raises(OptionError, match="says lowercase=False itself"):
        Tokenizer.from_file(folder, lowercase=True)
    assert Tokenizer.from_file(folder, lowercase=False).get_vocab_size() == 70


def test_vocab_txt_with_a_token_twice_is_written_so_that_it_reads_the_same() -> None:
    with pytest.warns(vocab_txt.DuplicateTokenWarning):
        vocab = vocab_txt.parse("a\nb\na\nc\n", source="v")
    assert vocab == {"a": 2, "b": 1, "c": 3}
    with pytest.warns(vocab_txt.DuplicateTokenWarning):
        assert vocab_txt.parse(vocab_txt.dump(vocab, source="v"), source="v") == vocab


@pytest.mark.parametrize("token", ["a\nb", "a\u3000", "a "])
def test_a_token_that_a_line_cannot_hold_is_refused(token: str) -> None:
    with pytest.raises(FormatError, match="cannot be a line"):
        vocab_txt.dump({token: 0}, source="vocab.txt")


# ---------------------------------------------------------------- writing


def test_files_of_others_are_text_though_a_model_might_be_called_so(wp: Wp) -> None:
    Path("data").mkdir()
    Path("data/losses.jsonl").write_text('{"text": "low lower"}\n')
    Path("data/a.txt").write_text("lowest\n")
    found = json.loads(wp(*["train", "data", "-v", "40", "-o", "data", "--json"]))
    assert found["words"] == 3
    assert (
        json.loads(wp(*["train", "data/losses.jsonl", "-v", "40", "-o", "data", "--json"]))["words"]
        == 2
    )


def test_other_files_in_the_folder_stay(folder: Path, course: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "weights").write_bytes(b"\x00" * 9)
    (folder / "link").symlink_to("notes.txt")
    wordpiece.train(course, vocab_size=60).save(folder)
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "checkpoints" / "weights").read_bytes() == b"\x00" * 9
    assert (folder / "link").is_symlink()
    assert Tokenizer.from_file(folder).get_vocab_size() == 60
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def let_fail(monkeypatch: pytest.MonkeyPatch, method: str, call: int) -> None:
    """Let a method of `Path` find no room at one of its calls, the first being 1."""
    own, calls = getattr(Path, method), count(1)

    def failing(self: Path, target: Path) -> object:
        if next(calls) == call:
            raise OSError(28, "No space left on device")
        return own(self, target)

    monkeypatch.setattr(Path, method, failing)


@pytest.mark.parametrize("one_step", [True, False])
def test_a_failure_while_writing_leaves_the_old_tokenizer(
    folder: Path, course: Path, monkeypatch: pytest.MonkeyPatch, one_step: bool
) -> None:
    before = contents(folder)
    result = wordpiece.train(course, vocab_size=60)
    if one_step:
        broken = lambda new, old: (_ for _ in ()).throw(OSError(5, "broken"))  # noqa: E731
        monkeypatch.setattr(atomic, "exchange_in_one_step", broken)
    else:
        monkeypatch.setattr(atomic, "exchange_in_one_step", lambda first, second: False)
        let_fail(monkeypatch, "rename", 2)
    with pytest.raises(OutputError):
        result.save(folder)
    assert contents(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_the_folder_that_one_stands_in_can_be_written(
    folder: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "notes.txt").write_text("mine")
    inode = folder.stat().st_ino
    wordpiece.train(course, vocab_size=60).save(".")
    assert folder.stat().st_ino == inode
    assert (folder / "notes.txt").read_text() == "mine"
    assert Tokenizer.from_file(".").get_vocab_size() == 60


def test_a_mount_point_and_a_folder_in_one_that_is_not_ours_can_be_written(
    folder: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "is_mount", lambda self: self == folder)
    inode = folder.stat().st_ino
    atomic.check_writable(folder)
    wordpiece.train(course, vocab_size=60).save(folder)
    assert folder.stat().st_ino == inode
    assert {path.name for path in folder.iterdir()} == FILES
    assert Tokenizer.from_file(folder).get_vocab_size() == 60


def test_a_folder_that_may_not_be_renamed_is_written_file_by_file(
    folder: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(new: Path, old: Path) -> bool:
        raise PermissionError(1, "sticky")

    monkeypatch.setattr(atomic, "exchange_in_one_step", refused)
    wordpiece.train(course, vocab_size=60).save(folder)
    assert Tokenizer.from_file(folder).get_vocab_size() == 60


def test_files_of_the_tokenizer_before_are_removed_but_no_folder_is(
    folder: Path, course: Path
) -> None:
    (folder / "merges.txt").mkdir()
    (folder / "merges.txt" / "mine").write_text("mine")
    wordpiece.train(course, vocab_size=60).tokenizer.save_pretrained(folder)
    names = {path.name for path in folder.iterdir()}
    assert names == {"tokenizer.json", "tokenizer_config.json", "vocab.txt", "merges.txt"}
    assert (folder / "merges.txt" / "mine").read_text() == "mine"
    byte_bpe = wordpiece.train(course, vocab_size=300, model="byte-bpe")
    with pytest.raises(OutputError, match=r"merges\.txt in it is a folder"):
        byte_bpe.save(folder)
    assert {path.name for path in folder.iterdir()} == names


def test_what_comes_into_the_folder_during_the_exchange_stays(
    folder: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = atomic.exchange_in_one_step

    def meanwhile(new: Path, old: Path) -> bool:
        (old / "late.txt").write_text("late")
        return exchange(new, old)

    monkeypatch.setattr(atomic, "exchange_in_one_step", meanwhile)
    wordpiece.train(course, vocab_size=60).save(folder)
    assert (folder / "late.txt").read_text() == "late"


def test_a_read_only_folder_of_others_leaves_nothing_behind(folder: Path, course: Path) -> None:
    (folder / "locked").mkdir()
    (folder / "locked" / "mine").write_text("mine")
    (folder / "locked").chmod(0o555)
    wordpiece.train(course, vocab_size=60).save(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["model"]
    assert stat.S_IMODE((folder / "locked").stat().st_mode) == 0o555
    (folder / "locked").chmod(0o755)


def test_permissions_of_files_that_are_replaced_stay(folder: Path, course: Path) -> None:
    (folder / "vocab.txt").chmod(0o600)
    wordpiece.train(course, vocab_size=60).save(folder)
    assert stat.S_IMODE((folder / "vocab.txt").stat().st_mode) == 0o600


def test_a_name_of_full_length_can_be_written(folder: Path) -> None:
    name = "x" * 250 + ".json"
    Tokenizer.from_file(folder).save(name)
    assert Tokenizer.from_file(name).get_vocab_size() == 70


def test_a_tokenizer_json_is_known_by_what_is_in_it(folder: Path) -> None:
    (folder / "tokenizer.json").rename("named.tok")
    assert Tokenizer.from_file("named.tok").get_vocab_size() == 70


def test_a_failure_halfway_through_single_files_puts_the_old_ones_back(
    folder: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    before = contents(folder)
    result = wordpiece.train(course, vocab_size=60)
    let_fail(monkeypatch, "replace", 3)
    with pytest.raises(OutputError):
        result.save(".")
    monkeypatch.undo()
    assert contents(folder) == before


def test_a_single_file_keeps_its_old_content_when_writing_fails() -> None:
    Path("t.json").write_text("old")
    with pytest.raises(TypeError), atomic.new_text_file("t.json") as file:
        file.writelines(["half", 7])  # type: ignore[list-item]
    assert Path("t.json").read_text() == "old"
    assert os.listdir() == ["t.json"]  # noqa: PTH208  # hidden neighbors count


def test_what_is_written_can_be_read_by_others(folder: Path) -> None:
    mode = stat.S_IMODE((folder / "tokenizer.json").stat().st_mode)
    assert mode == 0o666 & ~atomic.current_umask()
    Tokenizer.from_file(folder).save("one.json")
    assert stat.S_IMODE(Path("one.json").stat().st_mode) == mode


@pytest.mark.parametrize("target", ["file", "file/below", "/proc/nowhere/model"])
def test_a_place_that_cannot_be_written_is_refused(target: str, folder: Path) -> None:
    Path("file").write_text("mine")
    with pytest.raises(OutputError, match="cannot be written"):
        atomic.check_writable(Path(target))
    with pytest.raises(OutputError, match="cannot be written"):
        Tokenizer.from_file(folder).save_pretrained(target)
    assert Path("file").read_text() == "mine"


def test_missing_parents_are_made_and_a_check_leaves_none() -> None:
    atomic.check_writable(Path("a/b/model"))
    assert not Path("a").exists()
    atomic.write_folder(Path("a/b/model"), {"x": "1"})
    assert [path.name for path in Path("a/b").iterdir()] == ["model"]


def test_json_is_written_in_id_order(folder: Path) -> None:
    document = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    assert list(document["model"]["vocab"].values()) == list(range(70))
    assert [token["id"] for token in document["added_tokens"]] == [0, 1, 2, 3, 4]
    assert tokenizer_json.dump(Tokenizer.from_file(folder).parts) == (
        folder / "tokenizer.json"
    ).read_text(encoding="utf-8")


# ---------------------------------------------------------------- BPE

BYTES = json.dumps({char: id for id, char in enumerate(byte_characters())})


def test_gpt2s_own_file_is_read_though_its_token_is_marked_as_normalized() -> None:
    """Nothing is normalized there, so the mark makes no difference."""
    wordpiece.train(["a b"], vocab_size=257, model="byte-bpe").tokenizer.save("gpt2.json")
    text = Path("gpt2.json").read_text(encoding="utf-8")
    Path("marked.json").write_text(text.replace('"normalized": false', '"normalized": true'))
    theirs = tokenizers.Tokenizer.from_file("marked.json")
    ours = Tokenizer.from_file("marked.json")
    for text in ("a<|endoftext|>b", "<|endoftext|>", "<|endo"):
        assert ours.encode(text).tokens == theirs.encode(text).tokens


@pytest.mark.parametrize(("model", "size"), [("bpe", 60), ("byte-bpe", 300)])
def test_bpe_folders_load_everywhere(course: Path, model: str, size: int) -> None:
    transformers = pytest.importorskip("transformers")
    result = wordpiece.train(course, vocab_size=size, model=model)  # type: ignore[arg-type]
    result.save("model")
    assert {p.name for p in Path("model").iterdir()} == FILES - {"vocab.txt"} | {
        *("vocab.json", "merges.txt")
    }
    ours = Tokenizer.from_file("model")
    theirs = tokenizers.Tokenizer.from_file("model/tokenizer.json")
    auto = transformers.AutoTokenizer.from_pretrained("model")
    for text in TEXTS:
        encoding = result.tokenizer.encode(text)
        assert ours.encode(text) == encoding
        assert theirs.encode(text).ids == auto(text)["input_ids"] == encoding.ids
        assert theirs.decode(encoding.ids) == ours.decode(encoding.ids)
    pretrained = tokenizers.models.BPE.from_file("model/vocab.json", "model/merges.txt")
    expected = result.tokenizer.parts.model.ids("this")
    assert [token.id for token in pretrained.tokenize("this")] == expected


@pytest.mark.parametrize(
    ("vocab", "merges", "message"),
    [
        ('{"a": 0, "b": 2}', "", "vocab.json: no token has the id 1"),
        ('{"a": 0, "b": 0}', "", "vocab.json: 'a' and 'b' both have the id 0"),
        ('{"a": "0"}', "", "vocab.json: must map tokens to whole numbers"),
        ('["a"]', "", "vocab.json: must map tokens"),
        ("{", "", "vocab.json: is no JSON"),
        ('{"a": 0, "b": 1}', "", "vocab.json: is no byte-level vocabulary: it lacks some"),
        (
            BYTES,
            "#version: 0.2\na b\n",
            "merges.txt: the merge 'a' 'b': the vocabulary has no 'ab'",
        ),
        (BYTES, "#version: 0.2\na  b\n", "merges.txt: line 2, 'a  b': must be two"),
    ],
)
def test_vocab_json_and_merges_txt_must_fit(vocab: str, merges: str, message: str) -> None:
    Path("vocab.json").write_text(vocab)
    Path("merges.txt").write_text(merges)
    for path in (".", "vocab.json", "merges.txt"):
        with pytest.raises(FormatError) as error:
            Tokenizer.from_file(path)
        assert str(error.value).startswith(message)


def test_one_of_gpt2s_files_without_the_other_says_which_is_missing() -> None:
    Path("vocab.json").write_text(BYTES)
    with pytest.raises(InputError, match=r"^merges.txt: is not there, and vocab.json needs it"):
        Tokenizer.from_file("vocab.json")
    Path("merges.txt").write_text("\ufeff#version: 0.2\n", encoding="utf-8")
    with pytest.raises(FormatError, match=r"^merges.txt: begins with a byte order mark"):
        Tokenizer.from_file(".")


def gpt2_files(folder: str, extra: list[str], **config: object) -> None:
    """A vocab.json of the bytes and more, no merges, and a tokenizer_config.json."""
    vocab = {**json.loads(BYTES)}
    vocab |= {token: len(vocab) + at for at, token in enumerate(extra)}
    Path(folder).mkdir(exist_ok=True)
    Path(folder, "vocab.json").write_text(json.dumps(vocab))
    Path(folder, "merges.txt").write_text("#version: 0.2\n")
    Path(folder, "tokenizer_config.json").write_text(json.dumps(config))


ROBERTA_TOKENS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
MASK = {
    "content": "<mask>",
    "lstrip": True,
    "rstrip": False,
    "normalized": False,
    "__type": "AddedToken",
}
ADDED = {
    "256": {"content": "<|endoftext|>", "special": True, "normalized": True},
    "257": {"content": "[INST]", "special": False, "normalized": False},
}


@pytest.mark.parametrize(
    ("extra", "config"),
    [
        (["<|endoftext|>"], {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": True}),
        (["<|endoftext|>"], {"tokenizer_class": "GPT2TokenizerFast"}),
        (["<|endoftext|>"], {"tokenizer_class": "GPT2Tokenizer", "pad_token": "<|endoftext|>"}),
        (["<|endoftext|>"], {"tokenizer_class": "GPT2Tokenizer", "added_tokens_decoder": ADDED}),
        (ROBERTA_TOKENS, {"tokenizer_class": "RobertaTokenizer"}),
        (ROBERTA_TOKENS, {"tokenizer_class": "RobertaTokenizer", "mask_token": MASK}),
        (ROBERTA_TOKENS, {"tokenizer_class": "RobertaTokenizerFast", "add_prefix_space": True}),
        (ROBERTA_TOKENS, {"tokenizer_class": "RobertaTokenizer", "trim_offsets": False}),
    ],
)
def test_the_configuration_beside_gpt2s_files_says_how_they_are_used(
    extra: list[str], config: dict[str, object]
) -> None:
    transformers = pytest.importorskip("transformers")
    gpt2_files("model", extra, **config)
    ours = Tokenizer.from_file("model")
    theirs = transformers.AutoTokenizer.from_pretrained("model").backend_tokenizer
    texts = [*TEXTS, "a <mask> b", "<s>x", " [INST] <|endoftext|> ", ""]
    for check in check_parity(ours, lines=texts, reference=theirs):
        assert check.passed, check


@pytest.mark.parametrize(
    ("extra", "config", "message"),
    [
        ([], {"tokenizer_class": "LlamaTokenizer"}, "the part 'tokenizer_class' is LlamaTokenizer"),
        ([], {"pad_token": "<pad>"}, "the part 'pad_token' is '<pad>', which vocab.json does not"),
        ([], {"pad_token": 3}, "the part 'pad_token' must be a token, not 3"),
        ([], {"add_bos_token": True}, "the part 'add_bos_token' is True, which is not supported"),
        ([], {"add_prefix_space": "false"}, "the part 'add_prefix_space' must be true or false"),
        (
            [],
            {"additional_special_tokens": ["<x>"]},
            "the part 'additional_special_tokens '<x>'' is '<x>', which vocab.json does not have",
        ),
        (
            ROBERTA_TOKENS,
            {"tokenizer_class": "RobertaTokenizer", "cls_token": None},
            "the part 'cls_token' is null, and RobertaTokenizer needs it",
        ),
        ([], {"added_tokens_decoder": {"x": {}}}, "'added_tokens_decoder' must map ids to tokens"),
        (
            [],
            {"added_tokens_decoder": {"900": {"content": "xyz"}}},
            "the part 'added_tokens['xyz'].id' is 900, where it must be 257",
        ),
    ],
)
def test_a_configuration_that_cannot_be_followed_is_refused(
    extra: list[str], config: dict[str, object], message: str
) -> None:
    gpt2_files("model", ["<|endoftext|>", *extra], **config)
    with pytest.raises(FormatError) as error:
        Tokenizer.from_file("model")
    assert str(error.value).startswith("model/tokenizer_config.json: ")
    assert message in str(error.value)


def changed(document: dict[str, object], path: str, value: object) -> str:
    """A JSON document with one value set; `path` has dots, and numbers for places in lists."""
    at: object = document
    *way, last = path.split(".")
    for key in way:
        at = at[int(key) if key.isdecimal() else key]  # type: ignore[index]
    at[last] = value  # type: ignore[index]
    return json.dumps(document)


@pytest.mark.parametrize(
    ("path", "value", "part"),
    [
        ("extra", 1, "extra"),
        ("version", "2.0", "version"),
        ("post_processor.extra", 1, "post_processor.extra"),
        ("added_tokens.0.extra", 1, "added_tokens['[PAD]'].extra"),
        ("decoder.extra", 1, "decoder.extra"),
        ("normalizer.extra", 1, "normalizer.extra"),
        ("model.extra", 1, "model.extra"),
    ],
)
def test_what_is_not_known_is_refused_wherever_it_stands(
    folder: Path, path: str, value: object, part: str
) -> None:
    document = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    Path("t.json").write_text(changed(document, path, value), encoding="utf-8")
    with pytest.raises(UnsupportedError) as error:
        Tokenizer.from_file("t.json")
    assert f"the part '{part}' is " in str(error.value)


def test_a_base_with_a_token_twice_is_read_again_from_what_was_saved() -> None:
    """Its first id has no token, which `tokenizers` takes as it is."""
    Path("vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\na\nb\n##b\n")
    with pytest.warns(vocab_txt.DuplicateTokenWarning):
        base = Tokenizer.from_file("vocab.txt")
    base.save("again.json")
    base.save_pretrained("again")
    extended = extend(base, ["abba abba bab bab"] * 3, ExtensionOptions(add=3))
    extended.save("extended")
    for path, own in (("again.json", base), ("again", base), ("extended", extended.tokenizer)):
        again = Tokenizer.from_file(path)
        assert again.get_vocab() == own.get_vocab()
        file = path if path.endswith(".json") else f"{path}/tokenizer.json"
        theirs = tokenizers.Tokenizer.from_file(file)
        assert theirs.encode("abba b ab").ids == own.encode("abba b ab").ids


def test_a_wordpiece_vocabulary_of_which_most_is_gone_is_refused(folder: Path) -> None:
    document = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    Path("t.json").write_text(changed(document, "model.vocab.ab", 700), encoding="utf-8")
    with pytest.raises(FormatError, match=r"^t.json: no token has the id 44"):
        Tokenizer.from_file("t.json")


BERT_LIKE = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "A", "b", "##b", "é", "e", "中"]


def bert_files(folder: str, **config: object) -> None:
    """A vocab.txt with a tokenizer_config.json beside it."""
    Path(folder).mkdir(exist_ok=True)
    Path(folder, "vocab.txt").write_text("".join(f"{token}\n" for token in BERT_LIKE))
    Path(folder, "tokenizer_config.json").write_text(json.dumps(config))


@pytest.mark.parametrize(
    "config",
    [
        {"tokenizer_class": "BertTokenizer"},
        {"tokenizer_class": "BertTokenizer", "do_lower_case": False},
        {"tokenizer_class": "BertTokenizerFast", "strip_accents": False},
        {"tokenizer_class": "BertTokenizer", "tokenize_chinese_chars": False},
        {"tokenizer_class": "DistilBertTokenizer", "do_lower_case": True},
        {"tokenizer_class": "BertTokenizer", "cls_token": "[CLS]", "pad_token": "[PAD]"},
    ],
)
def test_the_configuration_beside_a_vocab_txt_says_how_it_is_used(
    config: dict[str, object],
) -> None:
    transformers = pytest.importorskip("transformers")
    bert_files("model", **config)
    ours = Tokenizer.from_file("model")
    theirs = transformers.AutoTokenizer.from_pretrained("model").backend_tokenizer
    for check in check_parity(ours, lines=[*TEXTS, "Ab é 中b"], reference=theirs):
        assert check.passed, check


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"tokenizer_class": "XLNetTokenizer"}, "the part 'tokenizer_class' is XLNetTokenizer"),
        ({"cls_token": "<cls>"}, "the part 'cls_token' is '<cls>'; only '[CLS]' is supported"),
        ({"never_split": ["x"]}, "the part 'never_split' is ['x'], which is not supported"),
        ({"do_lower_case": "no"}, "the part 'do_lower_case' must be true or false"),
        (
            {"added_tokens_decoder": {"90": {"content": "[X]"}}},
            "the part 'added_tokens_decoder' has '[X]' as 90",
        ),
    ],
)
def test_a_configuration_beside_a_vocab_txt_that_cannot_be_followed_is_refused(
    config: dict[str, object], message: str
) -> None:
    bert_files("model", **config)
    with pytest.raises(FormatError) as error:
        Tokenizer.from_file("model")
    assert str(error.value).startswith(f"model/tokenizer_config.json: {message}")


def test_tokens_added_in_a_file_of_their_own_are_refused() -> None:
    bert_files("model")
    Path("model/added_tokens.json").write_text('{"<x>": 12}')
    with pytest.raises(UnsupportedError, match=r"^model/added_tokens.json: tokens added apart"):
        Tokenizer.from_file("model")


ROBERTA = {
    "type": "RobertaProcessing",
    "sep": ["</s>", 256],
    "cls": ["<s>", 257],
    "trim_offsets": True,
    "add_prefix_space": False,
}
ADDED_TOKEN = {"single_word": False, "lstrip": False, "rstrip": False, "special": True}


def byte_level_file(added: list[dict[str, object]], post_processor: object) -> None:
    vocab = {**json.loads(BYTES), "</s>": 256, "<s>": 257}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    document = {
        "version": "1.0",
        "added_tokens": [{**ADDED_TOKEN, "normalized": False, **entry} for entry in added],
        "normalizer": None,
        "pre_tokenizer": {**byte_level, "use_regex": True},
        "post_processor": post_processor,
        "decoder": {**byte_level, "use_regex": True},
        "model": {"type": "BPE", "vocab": vocab, "merges": []},
    }
    Path("t.json").write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize(
    ("added", "post_processor", "message"),
    [
        (
            [
                {"id": 258, "content": "abq", "normalized": True},
                {"id": 259, "content": "bq", "normalized": False},
            ],
            None,
            "the part 'added_tokens['abq']' is normalized, 'bq' is not, and they overlap",
        ),
        (
            [{"id": 258, "content": " "}, {"id": 259, "content": "x", "rstrip": True}],
            None,
            "the part 'added_tokens[' ']' is white space at an end",
        ),
        ([], {**ROBERTA, "trim_offsets": 1}, "post_processor.trim_offsets' is neither true nor"),
        (
            [],
            {k: v for k, v in ROBERTA.items() if k != "add_prefix_space"},
            "the part 'post_processor.add_prefix_space' is neither true nor false",
        ),
        ([], {**ROBERTA, "cls": ["</s>", 257]}, "'post_processor.cls' is '</s>' with two ids"),
        ([], {**ROBERTA, "cls": ["<s>", "0"]}, "without tokens and ids as 'sep' and 'cls'"),
        ([], {**ROBERTA, "sep": ["</s>", 99999]}, "with the id 99999, which no token has"),
        (
            [],
            {
                "type": "TemplateProcessing",
                "single": [{"Sequence": {"id": "B", "type_id": 0}}],
                "pair": [],
                "special_tokens": {},
            },
            "the part 'post_processor.single' is with a place for a second text",
        ),
    ],
)
def test_what_would_encode_otherwise_than_tokenizers_is_refused(
    added: list[dict[str, object]], post_processor: object, message: str
) -> None:
    byte_level_file(added, post_processor)
    with pytest.raises(FormatError) as error:
        Tokenizer.from_file("t.json")
    assert str(error.value).startswith("t.json: ")
    assert message in str(error.value)


def test_added_tokens_of_both_kinds_are_read_where_they_cannot_meet() -> None:
    byte_level_file(
        [
            {"id": 258, "content": "<|x|>", "normalized": True},
            {"id": 259, "content": "[Y]", "normalized": False},
        ],
        ROBERTA,
    )
    theirs = tokenizers.Tokenizer.from_file("t.json")
    lines = ["a<|x|>b[Y]", "[Y][Y]<|x|>", "<|x[Y]|>"]
    for check in check_parity(Tokenizer.from_file("t.json"), lines=lines, reference=theirs):
        assert check.passed, check


def test_a_fast_tokenizer_of_transformers_is_taken_over(course: Path, tmp_path: Path) -> None:
    """BERT, DistilBERT, ELECTRA and GPT-2 alike; its padding and truncation are left behind."""
    transformers = pytest.importorskip("transformers")
    for model, size in (("wordpiece", 70), ("byte-bpe", 280)):
        wordpiece.train(course, vocab_size=size, model=model).save(tmp_path / model)  # type: ignore[arg-type]
        theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / model)
        theirs.backend_tokenizer.enable_truncation(3)
        theirs.backend_tokenizer.enable_padding(length=9)
        ours = Tokenizer.from_transformers(theirs)
        theirs.backend_tokenizer.no_truncation()
        theirs.backend_tokenizer.no_padding()
        text = course.read_text(encoding="utf-8")
        assert ours.encode(text).ids == theirs(text)["input_ids"]
        assert ours.get_vocab() == theirs.get_vocab()
    for name in ("BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer"):
        kind = getattr(transformers, name)
        theirs = kind.from_pretrained(tmp_path / "wordpiece")
        text = "This is the course, about [MASK]"
        assert Tokenizer.from_transformers(theirs).encode(text).ids == theirs(text)["input_ids"]


def test_what_is_no_fast_tokenizer_is_refused() -> None:
    with pytest.raises(InputError, match="must be a fast one of transformers, not dict"):
        Tokenizer.from_transformers({})


@pytest.mark.parametrize("model", ["wordpiece", "bpe", "byte-bpe"])
def test_tokenizer_json_is_written_as_json_writes_it(model: ModelName, tmp_path: Path) -> None:
    counts = WordCounts({'"a\\b"': 3, "\x7fé": 2, "]}": 1, "a": 1})
    for size in (300, 310):  # without any merge, and with some
        folder = tmp_path / f"{model}{size}"
        wordpiece.train(counts, vocab_size=size, model=model).save(folder)
        text = (folder / "tokenizer.json").read_text(encoding="utf-8")
        assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"


class OwnNormalizer(BertNormalizer):
    """One that no file describes."""


class OwnPreTokenizer(BertPreTokenizer):
    """One that no file describes."""


class OwnModel(WordPiece):
    """One that no file describes."""


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("normalizer", OwnNormalizer()),
        ("pre_tokenizer", OwnPreTokenizer()),
        ("model", OwnModel({"[UNK]": 0, "a": 1})),
    ],
)
def test_a_part_that_no_file_describes_is_not_written_as_another(
    name: str, part: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tokenizer = Tokenizer(replace(presets.wordpiece(["[UNK]", "a"]), **{name: part}))  # type: ignore[arg-type]
    for call in (
        lambda: tokenizer.save("t.json"),
        lambda: tokenizer.save_pretrained("folder"),
        lambda: tokenizer.encode_ids(["a"], workers=2),
        lambda: check_parity(tokenizer, words=["a"]),
    ):
        with pytest.raises(UnsupportedError, match=f"{name} Own\\w+: cannot be written, nor given"):
            call()
    assert list(Path().iterdir()) == []
    assert tokenizer.encode_ids(["a"]) == [[1]]
    assert words_of(tokenizer, ["a a"]).words == {"a": 2}
