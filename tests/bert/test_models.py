"""Models fresh and loaded, pre-training, and what goes on after an interruption."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from safetensors import SafetensorError

import wordpiece
from tests.command import Wp, notes_of
from wordpiece.bert import extra
from wordpiece.bert.batches import Batch, Special
from wordpiece.bert.mlm import masked_loss, masking, start_at_unigrams
from wordpiece.bert.models import Vocabulary, fresh, load
from wordpiece.bert.models import save as save_model
from wordpiece.bert.options import SIZES, PretrainingOptions, Size
from wordpiece.bert.pretraining import Pretrained, pretrain, windows_of
from wordpiece.bert.trainer import CHECKPOINT, batched
from wordpiece.errors import InputError, OptionError, OutputError, WordpieceError
from wordpiece.pretrained import Tokenizer
from wordpiece.types import Progress

TINY = PretrainingOptions(epochs=12, batch_size=8, max_length=24, learning_rate=3e-3)


@pytest.fixture(autouse=True)
def _small_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One layer of 32 numbers is all that these tests need."""
    monkeypatch.setitem(SIZES, "tiny", Size(1, 32))


@pytest.fixture(scope="session")
def documents(reviews: list[tuple[str, str]]) -> list[list[str]]:
    texts = [text for text, _ in reviews]
    return [texts[at : at + 6] for at in range(0, 60, 6)]


def weights(model: Any) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(
        torch.equal(value, second[name]) for name, value in first.items()
    )


# ---------------------------------------------------------------- steps


def test_every_text_is_in_every_epoch_once() -> None:
    sizes = [random.Random(1).randrange(50) for _ in range(103)]
    steps = batched(sizes, batch_size=10, epochs=3, seed=5)
    assert len(steps) == 33
    for epoch in range(3):
        own = [at for step in steps[11 * epoch : 11 * epoch + 11] for at in step]
        assert sorted(own) == list(range(103))
    assert batched(sizes, batch_size=10, epochs=3, seed=5) == steps
    assert batched(sizes, batch_size=10, epochs=3, seed=6) != steps
    assert batched(sizes, batch_size=10, epochs=0.5, seed=5) == steps[: len(steps) // 6 + 1]


def test_texts_of_a_size_are_together() -> None:
    sizes = [1, 100] * 50
    for step in batched(sizes, batch_size=10, epochs=1, seed=0):
        assert len({sizes[at] for at in step}) == 1


def test_the_loss_at_hidden_places_is_that_of_the_whole_model(tokenizer: Tokenizer) -> None:
    """Scoring the vocabulary where it is asked for gives what `transformers` gives."""
    special = Special.of(tokenizer)
    rows = windows_of(tokenizer, ["good film, no fun", "a dull story"], 24)
    inputs = masking(rows, special, seed=3, probability=0.5)(0, (0, 1))
    model = fresh("BertForMaskedLM", Vocabulary.of(tokenizer), dropout=0)
    with torch.inference_mode():
        theirs = model(**inputs).loss
        assert torch.allclose(masked_loss(model, dict(inputs)), theirs, atol=1e-5)
    both = fresh("BertForPreTraining", Vocabulary.of(tokenizer), dropout=0)
    inputs = masking(rows, special, seed=3, probability=0.5, labels=[0, 1])(0, (0, 1))
    with torch.inference_mode():
        theirs = both(**inputs).loss
        assert torch.allclose(masked_loss(both, dict(inputs)), theirs, atol=1e-5)


def test_a_step_without_hidden_tokens_has_no_loss(tokenizer: Tokenizer) -> None:
    rows = windows_of(tokenizer, ["good film"], 24)
    inputs = masking(rows, Special.of(tokenizer), seed=0, probability=0)(0, (0,))
    model = fresh("BertForMaskedLM", Vocabulary.of(tokenizer))
    assert masked_loss(model, inputs).item() == 0


def test_masks_hang_on_the_seed_and_the_step_alone(tokenizer: Tokenizer) -> None:
    rows = windows_of(tokenizer, ["good film, no fun", "a dull story"], 24)
    special = Special.of(tokenizer)
    make, again = (masking(rows, special, seed=1, probability=0.5) for _ in range(2))
    first = make(3, (0, 1))
    make(4, (0,))
    assert torch.equal(again(3, (0, 1))["labels"], first["labels"])
    assert not torch.equal(make(4, (0, 1))["labels"], first["labels"])


def test_a_fresh_model_can_begin_with_the_frequencies(tokenizer: Tokenizer) -> None:
    rows = windows_of(tokenizer, ["good good film", "good"], 24)
    model = fresh("BertForMaskedLM", Vocabulary.of(tokenizer))
    start_at_unigrams(model, rows, Special.of(tokenizer))
    bias = model.cls.predictions.bias.detach()
    assert float(bias.exp().sum()) == pytest.approx(1)
    good = tokenizer.encode("good", add_special_tokens=False).ids[0]
    assert int(bias.argmax()) == good
    assert float(bias[tokenizer.token_to_id("[CLS]")]) == float(bias.min())


# ---------------------------------------------------------------- models


def test_the_same_seed_gives_the_same_fresh_model(tokenizer: Tokenizer) -> None:
    make = [fresh("BertModel", Vocabulary.of(tokenizer), seed=seed) for seed in (1, 1, 2)]
    assert same(weights(make[0]), weights(make[1]))
    assert not same(weights(make[0]), weights(make[2]))


def test_sizes_are_berts() -> None:
    assert SIZES["base"] == (12, 768)
    model = fresh("BertModel", Vocabulary(30_522, 0), size=Size(1, 128))
    assert model.config.num_attention_heads == 2
    assert model.config.intermediate_size == 512
    with pytest.raises(OptionError, match="--size 'huge': must be one of tiny, mini"):
        fresh("BertModel", Vocabulary(10, 0), size="huge")  # type: ignore[arg-type]


def saved(tokenizer: Tokenizer, folder: str = "model") -> str:
    Pretrained(
        fresh("BertForMaskedLM", Vocabulary.of(tokenizer), max_length=24),
        *(tokenizer, TINY, (loss(1, 5.0), loss(2, 4.0)), 1, 1),
    ).save(folder)
    return folder


def loss(step: int, value: float) -> Any:
    from wordpiece.bert.trainer import Loss

    return Loss(step, value)


def test_a_saved_folder_is_one_of_transformers(tokenizer: Tokenizer) -> None:
    folder = saved(tokenizer)
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    assert theirs.model_max_length == 24
    assert theirs("good film")["input_ids"] == tokenizer.encode("good film").ids
    model = transformers.AutoModelForMaskedLM.from_pretrained(folder)
    assert model.config.vocab_size == len(theirs)
    assert "<svg xmlns" in Path(folder, "losses.svg").read_text()
    fill = transformers.pipeline("fill-mask", model=folder)
    assert len(fill("good [MASK]")) == 5


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-such-model", "--model no-such-model: no such folder, and transformers has no model"),
        ("empty", "--model empty: holds no model: there is no config.json in it"),
        ("broken", "--model broken: cannot be loaded: "),
    ],
)
def test_what_cannot_be_loaded_is_refused_in_one_line(
    tokenizer: Tokenizer, name: str, message: str
) -> None:
    Path("empty").mkdir()
    Path("broken").mkdir()
    Path("broken/config.json").write_text("{")
    with pytest.raises(WordpieceError) as error:
        load("AutoModel", name, Vocabulary.of(tokenizer))
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_hidden_layers": 2}, "its weights have no encoder.layer.1."),
        ({"num_hidden_layers": 0}, "its weights have bert.encoder.layer.0."),
        ({"intermediate_size": 8}, "its weights have another size of encoder.layer.0."),
    ],
)
def test_weights_of_another_configuration_are_refused(
    tokenizer: Tokenizer, change: dict[str, int], message: str
) -> None:
    config = Path(saved(tokenizer), "config.json")
    config.write_text(json.dumps({**json.loads(config.read_text()), **change}))
    with pytest.raises(WordpieceError) as error:
        load("AutoModel", "model", Vocabulary.of(tokenizer))
    assert str(error.value).startswith(f"--model model: {message}")
    assert "config.json" in str(error.value)


def test_a_pooler_drawn_at_random_is_none(wp: Wp, tokenizer: Tokenizer) -> None:
    """A model for masked tokens has none."""
    folder = saved(tokenizer)
    wp(*f"bert embed a --model {folder} --vectors pooled -o v.npy".split(), code=2)
    assert wp.err == ("wp: --vectors pooled: the model has no trained pooler; use cls or mean\n")
    assert not Path("v.npy").exists()


def test_a_model_of_another_vocabulary_is_refused(wp: Wp, tokenizer: Tokenizer) -> None:
    folder = saved(tokenizer)
    Tokenizer.from_file(folder)
    Path("bert.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n")
    wp(*f"bert embed a --model {folder} -t bert.txt -o v.npy".split(), code=2)
    assert f"is for {tokenizer.get_vocab_size()} tokens, and the tokenizer has 6" in wp.err
    assert wp.err.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [
        "probe a.tsv",
        "bert pretrain a.txt",
        "bert embed a --model m -o v.npy",
        "bert classify train a.tsv",
        "bert classify predict a",
    ],
)
def test_a_missing_extra_is_named(wp: Wp, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    wp(*command.split(), code=2)
    assert wp.err.endswith(
        ': needs PyTorch and scikit-learn and Accelerate: pip install "wordpiece-lab[bert]"\n'
    )


# ---------------------------------------------------------------- pre-training


def test_the_loss_falls(tokenizer: Tokenizer, documents: list[list[str]]) -> None:
    found = pretrain(tokenizer, documents, TINY)
    assert found.steps == 12 * 8
    assert found.losses[-1].loss < 0.85 * found.losses[0].loss
    again = pretrain(tokenizer, documents, TINY)
    assert same(weights(found.model), weights(again.model))


def test_the_next_sentence_is_learned_too(tokenizer: Tokenizer, documents: list[list[str]]) -> None:
    options = PretrainingOptions(objective="mlm+nsp", epochs=2, batch_size=8, max_length=40)
    found = pretrain(tokenizer, documents, options)
    assert type(found.model).__name__ == "BertForPreTraining"
    assert found.texts == 50  # all but the last of each document
    found.save("both")
    again = transformers.AutoModelForNextSentencePrediction.from_pretrained("both")
    assert again.cls.seq_relationship.weight.shape == (2, 32)


def test_a_long_text_is_read_in_windows(tokenizer: Tokenizer) -> None:
    text = "good film, a fine story, no fun, " * 10
    rows = [row for (row,) in windows_of(tokenizer, [text], 16)]
    ids = [id for row in rows for id in list(row.ids)[1:-1]]
    assert ids == tokenizer.encode(text, add_special_tokens=False).ids
    assert all(len(row.ids) <= 16 for row in rows)


def interrupting(after: int) -> Any:
    def listen(progress: Progress) -> None:
        if progress.done == after:
            raise KeyboardInterrupt

    return listen


def test_what_was_cut_off_ends_as_if_it_had_not_been(
    tokenizer: Tokenizer, documents: list[list[str]]
) -> None:
    """Bit for bit, with other random numbers drawn in between."""
    options = PretrainingOptions(epochs=3, batch_size=8, max_length=24)
    whole = pretrain(tokenizer, documents, options)
    place = Path("checkpoints")
    with pytest.raises(KeyboardInterrupt):
        pretrain(tokenizer, documents, options, checkpoints=place, progress=interrupting(15))
    torch.rand(100)
    found = pretrain(tokenizer, documents, options, checkpoints=place, resume=True)
    assert same(weights(whole.model), weights(found.model))
    assert found.losses == whole.losses
    found.save("model")
    assert not place.exists()


@pytest.mark.parametrize("name", CHECKPOINT)
@pytest.mark.parametrize("whole", [False, True], ids=["cut", "gone"])
def test_a_checkpoint_that_is_damaged_is_told(
    tokenizer: Tokenizer, documents: list[list[str]], name: str, whole: bool
) -> None:
    """And not that the disk is full, nor gone on with to other weights."""
    options = PretrainingOptions(epochs=3, batch_size=8, max_length=24)
    place = Path("checkpoints")
    with pytest.raises(KeyboardInterrupt):
        pretrain(tokenizer, documents, options, checkpoints=place, progress=interrupting(15))
    (last,) = place.glob("checkpoint-*")
    if whole:
        (last / name).unlink()
    else:
        (last / name).write_bytes((last / name).read_bytes()[:40])
    with pytest.raises(InputError, match=r"is damaged .*: delete checkpoints and start anew"):
        pretrain(tokenizer, documents, options, checkpoints=place, resume=True)


def test_checkpoints_of_another_training_are_refused(
    wp: Wp, tokenizer: Tokenizer, documents: list[list[str]]
) -> None:
    options = PretrainingOptions(epochs=3, batch_size=8, max_length=24)
    place = Path("model.checkpoints")
    with pytest.raises(KeyboardInterrupt):
        pretrain(tokenizer, documents, options, checkpoints=place, progress=interrupting(15))
    with pytest.raises(OptionError, match="go on with --resume, or delete it"):
        pretrain(tokenizer, documents, options, checkpoints=place)
    other = PretrainingOptions(epochs=3, batch_size=8, max_length=24, seed=1)
    with pytest.raises(InputError, match="other options, another corpus or another"):
        pretrain(tokenizer, documents, other, checkpoints=place, resume=True)
    with pytest.raises(InputError, match="other options, another corpus or another"):
        pretrain(tokenizer, documents[:-1], options, checkpoints=place, resume=True)
    with pytest.raises(OptionError, match="--resume: needs a folder of checkpoints"):
        pretrain(tokenizer, documents, options, resume=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"objective": "nsp"}, "--objective 'nsp': must be one of mlm, mlm\\+nsp"),
        ({"epochs": 0}, "--epochs 0: must be above 0"),
        ({"learning_rate": 2.0}, "--learning-rate 2.0: must be above 0, below 1"),
        ({"probability": 0.0}, "--probability 0.0: must be above 0, below 1"),
        ({"max_length": 9999}, "--max-length 9999: the model takes at most 512 tokens"),
        (
            {"max_length": 2},
            "--max-length 2: must be at least 3: 2 special tokens are around a text",
        ),
        (
            {"max_length": 4, "objective": "mlm+nsp"},
            "--max-length 4: must be at least 5: 3 special tokens are around two texts",
        ),
        ({"rule": "most"}, "rule 'most': must be one of"),
    ],
)
def test_options_that_cannot_be_are_refused(
    tokenizer: Tokenizer, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        pretrain(tokenizer, [["a", "b"], ["c"]], PretrainingOptions(**options))


def test_a_corpus_without_text_is_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(InputError, match="holds no text to pre-train on"):
        pretrain(tokenizer, [])


@pytest.fixture
def corpus(tokenizer: Tokenizer, documents: list[list[str]]) -> None:
    tokenizer.save_pretrained("tokenizer")
    Path("corpus.txt").write_text("\n\n".join("\n".join(each) for each in documents))


def test_wp_bert_pretrain_writes_a_model(wp: Wp, corpus: None) -> None:
    command = "bert pretrain corpus.txt --epochs 2 --batch-size 8 --max-length 24 -o model"
    out = wp(*command.split())
    assert "60 texts in 16 steps" in out
    assert "█" in out
    lines = Path("model/losses.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["step"] == 16
    found = json.loads(wp(*command.split(), "--model", "model", "--json"))
    assert found["losses"][0]["loss"] < json.loads(lines[0])["loss"]
    assert not Path("model.checkpoints").exists()


def test_a_model_among_the_texts_is_no_text(wp: Wp, corpus: None) -> None:
    Path("texts").mkdir()
    Path("texts/a.txt").write_bytes(Path("corpus.txt").read_bytes())
    command = "bert pretrain texts --epochs 0.1 --batch-size 8 --max-length 24 -o texts/model"
    first, again = (json.loads(wp(*command.split(), "--json")) for _ in range(2))
    assert first["texts"] == again["texts"] == 60


def test_what_is_refused_leaves_no_checkpoints(wp: Wp, corpus: None) -> None:
    wordpiece.train("corpus.txt", vocab_size=300, model="byte-bpe").save("unpadded")
    command = ("bert", "pretrain", "corpus.txt", "--epochs", "0.001", "-o", "model")
    wp(*command, "-t", "unpadded", code=2)
    assert "padding: the vocabulary has none of" in wp.err
    assert not Path("model.checkpoints").exists()
    wp(*command)
    assert Path("model/losses.jsonl").exists()


def test_ctrl_c_says_how_to_go_on(wp: Wp, corpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from wordpiece.bert import pretraining

    fit = pretraining.fit
    monkeypatch.setattr(
        pretraining, "fit", lambda *a, **o: fit(*a, **{**o, "progress": interrupting(9)})
    )
    command = "bert pretrain corpus.txt --epochs 2 --batch-size 8 --max-length 24 -o model"
    assert wp.run(*command.split()) == 130
    assert wp.err == (
        "wp: interrupted; the same command with --resume goes on from the last checkpoint\n"
    )
    monkeypatch.setattr(pretraining, "fit", fit)
    wp(*command.split(), code=2)
    assert "go on with --resume, or delete it" in wp.err
    wp(*command.split(), "--resume")
    assert Path("model/model.safetensors").exists()


def test_interruptions_carry_the_note(tokenizer: Tokenizer, documents: list[list[str]]) -> None:
    notes = notes_of(
        lambda: pretrain(
            tokenizer, documents, TINY, checkpoints=Path("c"), progress=interrupting(20)
        )
    )
    assert notes == ["the same command with --resume goes on from the last checkpoint"]


def test_batches_are_what_they_are_of(tokenizer: Tokenizer) -> None:
    batch = Batch.of(tokenizer, ["good film", "fun"])
    assert len(batch) == 2
    assert {len(row) for row in batch.input_ids} == {len(batch.input_ids[0])}


# ---------------------------------------------------------------- what a review found


def test_a_folder_where_checkpoints_would_be_is_left_alone(wp: Wp, corpus: None) -> None:
    Path("model.checkpoints").mkdir()
    Path("model.checkpoints/mine.txt").write_text("mine")
    wp("bert", "pretrain", "corpus.txt", "-o", "model", code=2)
    assert "is where checkpoints would be kept, and holds something else" in wp.err
    assert Path("model.checkpoints/mine.txt").read_text() == "mine"


def test_a_model_of_another_kind_stays_what_it_is(
    tokenizer: Tokenizer, documents: list[list[str]], distilbert: transformers.DistilBertConfig
) -> None:
    save_model(transformers.DistilBertForMaskedLM(distilbert), tokenizer, "distil", {})
    options = PretrainingOptions(epochs=8, batch_size=8, learning_rate=3e-3)
    found = pretrain(tokenizer, documents, options, model="distil")
    assert found.model.config.model_type == "distilbert"
    assert found.losses[-1].loss < found.losses[0].loss
    with pytest.raises(WordpieceError, match="of another configuration"):
        pretrain(tokenizer, documents, PretrainingOptions(objective="mlm+nsp"), model="distil")


def test_checkpoints_of_another_model_are_refused(
    tokenizer: Tokenizer, documents: list[list[str]]
) -> None:
    """Even where it has the same shape."""
    options = PretrainingOptions(epochs=3, batch_size=8)
    for number in (1, 2):
        model = fresh("BertForMaskedLM", Vocabulary.of(tokenizer), max_length=24, seed=number)
        save_model(model, tokenizer, f"model{number}", {})
    place = Path("checkpoints")
    with pytest.raises(KeyboardInterrupt):
        pretrain(
            tokenizer,
            documents,
            options,
            model="model1",
            checkpoints=place,
            progress=interrupting(15),
        )
    with pytest.raises(InputError, match="other options, another corpus or another"):
        pretrain(tokenizer, documents, options, model="model2", checkpoints=place, resume=True)
    pretrain(tokenizer, documents, options, model="model1", checkpoints=place, resume=True)


def test_what_is_drawn_for_a_new_head_hangs_on_the_seed(tokenizer: Tokenizer) -> None:
    folder = saved(tokenizer)
    vocabulary = Vocabulary.of(tokenizer)
    one, two, other = (
        load("BertForPreTraining", folder, vocabulary, seed=seed) for seed in (1, 1, 2)
    )
    assert same(weights(one), weights(two))
    assert not same(weights(one), weights(other))


def test_a_long_text_does_not_fill_a_step(tokenizer: Tokenizer) -> None:
    options = PretrainingOptions(batch_size=4, max_length=16)
    found = pretrain(tokenizer, [["good film, a fine story, no fun, " * 20]], options)
    assert found.steps == 4  # its windows, four at a time


def test_what_another_command_wrote_does_not_stay_with_a_new_model(tokenizer: Tokenizer) -> None:
    folder = Path(saved(tokenizer))
    for name in ("classifier.json", "extension.json", "mine.txt"):
        (folder / name).write_text("{}")
    saved(tokenizer)
    assert not (folder / "classifier.json").exists()
    assert not (folder / "extension.json").exists()
    assert (folder / "mine.txt").exists()


def test_a_disk_that_is_full_is_told(
    tokenizer: Tokenizer, documents: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise SafetensorError("No space left on device")

    found = pretrain(tokenizer, documents, PretrainingOptions(batch_size=8, max_length=24))
    monkeypatch.setattr(type(found.model), "save_pretrained", full)
    with pytest.raises(OutputError, match="model: cannot be written: No space left on device"):
        found.save("model")
    assert not Path("model").exists()
    options = PretrainingOptions(epochs=3, batch_size=8, max_length=24)
    with pytest.raises(OutputError, match="make room; the same command with --resume"):
        pretrain(tokenizer, documents, options, checkpoints=Path("c"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--seed=-1",), "--seed -1: must be from 0 to 4,294,967,295"),
        (("--epochs", "nan"), "--epochs nan: must be above 0"),
        (("--epochs", "inf"), "--epochs inf: must be above 0"),
        (("--model", "acme/tok"), "--model acme/tok: no such path, and transformers has nothing"),
        (("--tokenizer", "acme/tok"), "--tokenizer acme/tok: no such path, and transformers"),
    ],
)
def test_mistakes_are_one_line(
    wp: Wp, corpus: None, arguments: tuple[str, ...], message: str
) -> None:
    wp("bert", "pretrain", "corpus.txt", "-o", "model", *arguments, code=2)
    assert message in wp.err
    assert wp.err.count("\n") == 1


def test_the_folder_that_one_stands_in_can_be_the_output(wp: Wp, corpus: None) -> None:
    wp(*["bert", "pretrain", "corpus.txt", "--epochs", "0.001", "--max-length", "24", "-o", "."])
    assert Path("model.safetensors").exists()


def test_a_vocabulary_without_mask_is_told(wp: Wp) -> None:
    Path("vocab.txt").write_text("[UNK]\na\n")
    wp("mask", "a", "-t", "vocab.txt", code=2)
    assert wp.err.startswith("wp: masking: the vocabulary has none of [MASK], <mask>")
