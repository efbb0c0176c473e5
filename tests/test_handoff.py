"""A saved folder in the hands of `transformers`: class, special tokens, habits, collators."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import wordpiece
from tests.command import contents
from wordpiece.errors import FormatError
from wordpiece.pretrained import Tokenizer
from wordpiece.training.trainers import ModelName

transformers = pytest.importorskip("transformers")

TEXT = "This course is about tokenization."


@pytest.fixture(params=[("wordpiece", 70), ("bpe", 70), ("byte-bpe", 280)], ids=lambda p: p[0])
def folder(request: pytest.FixtureRequest, course: Path) -> str:
    model, size = request.param
    wordpiece.train(course, vocab_size=size, model=model).save("tokenizer")
    return "tokenizer"


def test_auto_tokenizer_takes_the_folder_as_it_is(folder: str) -> None:
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    ours = Tokenizer.from_file(folder)
    assert isinstance(theirs, transformers.PreTrainedTokenizerFast)
    assert theirs.is_fast
    byte_level = "<|endoftext|>" in ours.get_vocab()
    assert theirs.model_max_length == (1024 if byte_level else 512)
    assert (theirs.padding_side, theirs.truncation_side) == ("right", "right")
    if byte_level:
        assert theirs.bos_token == theirs.eos_token == theirs.unk_token == "<|endoftext|>"
    else:
        roles = (theirs.pad_token, theirs.unk_token, theirs.cls_token, theirs.sep_token)
        assert (*roles, theirs.mask_token) == ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    found = theirs(TEXT, TEXT)
    own = ours.encode(TEXT, TEXT)
    assert found["input_ids"] == own.ids
    assert found["attention_mask"] == own.attention_mask
    if not byte_level:
        assert found["token_type_ids"] == own.type_ids
    for skip in (True, False):
        decoded = ours.decode(own.ids, skip_special_tokens=skip)
        assert theirs.decode(own.ids, skip_special_tokens=skip) == decoded


@pytest.mark.parametrize(
    "options",
    [{}, {"lowercase": True}, {"lowercase": True, "strip_accents": False}, {"cjk_spacing": False}],
    ids=str,
)
@pytest.mark.parametrize("name", ["BertTokenizerFast", "DistilBertTokenizerFast"])
def test_a_class_of_bert_takes_the_settings_from_the_folder(
    name: str, options: dict[str, bool]
) -> None:
    text = "Über 東京 and Übung, ÜBER 東京 안녕"
    wordpiece.train([text], vocab_size=90, full_alphabet=True, **options).save("t")
    theirs = getattr(transformers, name).from_pretrained("t")
    assert theirs(text)["input_ids"] == Tokenizer.from_file("t").encode(text).ids


def test_what_transformers_saves_again_is_the_same_tokenizer(folder: str) -> None:
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    theirs.save_pretrained("again")
    ours, again = Tokenizer.from_file(folder), Tokenizer.from_file("again")
    assert again.encode(TEXT) == ours.encode(TEXT)
    assert again.parts.habits == ours.parts.habits
    assert again.encode(TEXT, TEXT) == ours.encode(TEXT, TEXT)
    again.save_pretrained("third")
    ours.save_pretrained("fourth")
    if ours.parts.template is not None:  # transformers writes an empty one where there is none
        assert contents(Path("third")) == contents(Path("fourth"))
    assert transformers.AutoTokenizer.from_pretrained("third")(TEXT) == theirs(TEXT)


@pytest.mark.parametrize("side", ["left", "right"])
def test_length_and_sides_are_carried_along(course: Path, side: str) -> None:
    """From tokenizer_config.json, and from a tokenizer of `transformers`; and used."""
    wordpiece.train(course, vocab_size=70).save("tokenizer")
    theirs = transformers.AutoTokenizer.from_pretrained(
        "tokenizer", model_max_length=7, padding_side=side, truncation_side=side
    )
    theirs.save_pretrained("changed")
    for ours in (Tokenizer.from_file("changed"), Tokenizer.from_transformers(theirs)):
        assert ours.parts.habits.max_length == 7
        ours.save_pretrained("saved")
        again = transformers.AutoTokenizer.from_pretrained("saved")
        assert (again.model_max_length, again.padding_side) == (7, side)
        for text in ("is", TEXT):
            expected = theirs(text, truncation=True, padding="max_length")["input_ids"]
            found = ours.encode(text, truncation=True, padding="max_length", max_length=7)
            assert found.ids == expected


def test_roles_of_special_tokens_are_carried_along(course: Path) -> None:
    """Those of RoBERTa, and unusual ones, from transformers and from files, and back."""
    wordpiece.train(course, vocab_size=280, model="byte-bpe").save("tokenizer")
    theirs = transformers.AutoTokenizer.from_pretrained(
        "tokenizer", pad_token="<|endoftext|>", mask_token="Ġa"
    )
    theirs.save_pretrained("changed")
    for ours in (Tokenizer.from_transformers(theirs), Tokenizer.from_file("changed")):
        ours.save_pretrained("saved")
        again = transformers.AutoTokenizer.from_pretrained("saved")
        assert again.special_tokens_map == theirs.special_tokens_map
        assert again.model_input_names == theirs.model_input_names


def test_roberta_has_its_roles_where_nothing_names_them(course: Path) -> None:
    special = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
    wordpiece.train(course, vocab_size=280, model="byte-bpe", special_tokens=special).save("t")
    theirs = transformers.AutoTokenizer.from_pretrained("t")
    assert (theirs.pad_token, theirs.mask_token, theirs.cls_token) == ("<pad>", "<mask>", "<s>")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"padding_side": "top"}, "the part 'padding_side' must be left or right, not 'top'"),
        ({"model_max_length": "many"}, "the part 'model_max_length' must be a number: 'many'"),
    ],
)
def test_settings_that_are_none_are_refused(
    course: Path, config: dict[str, object], message: str
) -> None:
    wordpiece.train(course, vocab_size=70).save("tokenizer")
    Path("tokenizer/tokenizer_config.json").write_text(json.dumps(config))
    with pytest.raises(FormatError) as error:
        Tokenizer.from_file("tokenizer")
    assert str(error.value) == f"tokenizer/tokenizer_config.json: {message}"


def test_a_length_without_limit_is_none(course: Path) -> None:
    wordpiece.train(course, vocab_size=70).save("tokenizer")
    Path("tokenizer/tokenizer_config.json").write_text(json.dumps({"model_max_length": 10**30}))
    assert Tokenizer.from_file("tokenizer").parts.habits.max_length is None


@pytest.mark.parametrize(("model", "size"), [("wordpiece", 70), ("bpe", 70), ("byte-bpe", 280)])
def test_collators_work_on_a_saved_folder(course: Path, model: ModelName, size: int) -> None:
    """A byte-level vocabulary has what they need when it is trained with it."""
    torch = pytest.importorskip("torch")
    special = ("<|endoftext|>", "[PAD]", "[MASK]") if model == "byte-bpe" else None
    result = wordpiece.train(course, vocab_size=size, model=model, special_tokens=special)
    result.save("tokenizer")
    theirs = transformers.AutoTokenizer.from_pretrained("tokenizer")
    rows = [theirs("This is"), theirs(TEXT)]
    padded = transformers.DataCollatorWithPadding(theirs, return_tensors="pt")(rows)
    assert padded["input_ids"].shape == padded["attention_mask"].shape
    if model != "byte-bpe":
        assert padded["token_type_ids"].shape == padded["input_ids"].shape
    ours = Tokenizer.from_file("tokenizer").encode_batch(["This is", TEXT], padding=True)
    assert padded["input_ids"].tolist() == [each.ids for each in ours]
    torch.manual_seed(0)
    masking = transformers.DataCollatorForLanguageModeling(theirs, mlm_probability=0.5)
    masked = masking([dict(row) for row in rows])
    labels = masked["labels"]
    chosen = labels != -100
    assert chosen.any()
    special = torch.tensor(theirs.all_special_ids)
    assert not torch.isin(labels[chosen], special).any()
    assert (masked["input_ids"] == theirs.mask_token_id).any()


@pytest.mark.parametrize("name", ["BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer"])
def test_fast_tokenizers_of_the_family_are_read(course: Path, name: str) -> None:
    wordpiece.train(course, vocab_size=70).save("tokenizer")
    theirs = getattr(transformers, name).from_pretrained("tokenizer", padding_side="left")
    ours = Tokenizer.from_transformers(theirs)
    assert ours.encode(TEXT).ids == theirs(TEXT)["input_ids"]
    assert ours.parts.habits.padding_side == "left"


def test_gpt2_and_bert_of_real_files_are_read(data: Path) -> None:
    theirs = transformers.GPT2Tokenizer.from_pretrained(data / "gpt2")
    ours = Tokenizer.from_transformers(theirs)
    assert ours.encode(TEXT).ids == theirs(TEXT)["input_ids"]
    bert = transformers.BertTokenizer(str(data / "bert-vocabs/bert-base-uncased.txt"))
    assert Tokenizer.from_transformers(bert).encode(TEXT).ids == bert(TEXT)["input_ids"]
