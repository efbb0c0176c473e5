"""Vectors and classifiers: the numbers of `transformers`, and files that it loads."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
import torch
import transformers

from tests.command import WP, Wp, contents, environment, remains
from wordpiece import presets
from wordpiece.bert.classification import (
    load_classifier,
    quality,
    softmax,
    train_classifier,
)
from wordpiece.bert.embedding import Vectors, embed
from wordpiece.bert.labelled import Labelled
from wordpiece.bert.models import Vocabulary, fresh
from wordpiece.bert.models import save as save_model
from wordpiece.bert.options import SIZES, ClassifierOptions, Size
from wordpiece.errors import FormatError, InputError, OptionError
from wordpiece.pretrained import Tokenizer

TEXTS = ["good film", "a dull story, no fun", "lovely and warm, truly moving", "fun"]


@pytest.fixture(autouse=True)
def _small_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SIZES, "tiny", Size(2, 32))


@pytest.fixture(scope="session")
def model_folder(tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = str(tmp_path_factory.mktemp("models") / "model")
    model = fresh("BertModel", Vocabulary.of(tokenizer), size=Size(2, 32), max_length=24)
    save_model(model, tokenizer, folder, {})
    return folder


@pytest.fixture(scope="session")
def theirs(model_folder: str) -> Any:
    """What `transformers` itself gives for the texts, with its own tokenizer and padding."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(model_folder)
    model = transformers.AutoModel.from_pretrained(model_folder).eval()
    inputs = tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.inference_mode():
        output = model(**inputs, output_hidden_states=True)
    return inputs, output


def test_vectors_are_those_of_transformers(
    tokenizer: Tokenizer, model_folder: str, theirs: Any
) -> None:
    inputs, output = theirs
    mask = inputs["attention_mask"].numpy()[:, :, None]
    last = output.last_hidden_state.numpy()
    expected = {
        "cls": last[:, 0],
        "pooled": output.pooler_output.numpy(),
        "tokens": last * mask,
    }
    for kind, values in expected.items():
        found = embed(tokenizer, TEXTS, model_folder, kind=kind)  # type: ignore[arg-type]
        assert found.values.shape == values.shape
        assert np.allclose(found.values, values, atol=1e-5)
    means = embed(tokenizer, TEXTS, model_folder, kind="mean").values
    for row, number in enumerate(inputs["attention_mask"].sum(1)):
        assert np.allclose(means[row], last[row, 1 : number - 1].mean(0), atol=1e-5)


def test_any_layer_and_all_layers(tokenizer: Tokenizer, model_folder: str, theirs: Any) -> None:
    states = [each.numpy() for each in theirs[1].hidden_states]
    for layer in (0, 1, 2, -1, -3):
        found = embed(tokenizer, TEXTS, model_folder, layers=layer)
        assert np.allclose(found.values, states[layer][:, 0], atol=1e-5)
    found = embed(tokenizer, TEXTS, model_folder, kind="tokens", layers="all")
    assert found.axes == ("texts", "length", "layers", "hidden")
    assert found.values.shape == (4, max(map(len, found.tokens)), 3, 32)
    own = found.values[1, : len(found.tokens[1])]
    assert np.allclose(own[:, 2], states[2][1, : len(own)], atol=1e-5)
    assert not found.values[3, len(found.tokens[3]) :].any()


def test_no_text_gives_no_vectors(tokenizer: Tokenizer, model_folder: str) -> None:
    assert embed(tokenizer, [], model_folder).values.shape == (0, 32)
    assert embed(tokenizer, [], model_folder, kind="tokens", layers="all").values.shape == (
        *(0, 1, 3),
        32,
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layers": 3}, "--layer 3: must be all, or from 0 \\(the embedding\\) to 2"),
        ({"layers": -4}, "--layer -4: must be all"),
        ({"kind": "max"}, "--vectors 'max': must be one of cls, mean, pooled, tokens"),
        ({"kind": "pooled", "layers": 1}, "the pooled vector is of the last layer"),
        ({"max_length": 25}, "--max-length 25: the model takes at most 24 tokens"),
    ],
)
def test_what_the_model_does_not_have_is_refused(
    tokenizer: Tokenizer, model_folder: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        embed(tokenizer, TEXTS, model_folder, **options)


def test_distilbert_takes_no_type_ids(
    tokenizer: Tokenizer, distilbert: transformers.DistilBertConfig
) -> None:
    save_model(transformers.DistilBertModel(distilbert), tokenizer, "distil", {})
    assert embed(tokenizer, TEXTS, "distil").values.shape == (4, 32)
    with pytest.raises(OptionError, match="the model has no pooler"):
        embed(tokenizer, TEXTS, "distil", kind="pooled")


def test_roberta_counts_positions_from_behind_the_padding(tokenizer: Tokenizer) -> None:
    config = transformers.RobertaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        pad_token_id=0,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=1,
        max_position_embeddings=25,
        type_vocab_size=1,
    )
    save_model(transformers.RobertaModel(config), tokenizer, "roberta", {})
    assert Tokenizer.from_file("roberta").parts.habits.max_length == 24
    long = "good film, " * 40
    assert len(embed(tokenizer, [long], "roberta").tokens[0]) == 24
    assert embed(tokenizer, [long], "roberta", kind="tokens").values.shape == (1, 24, 32)


def test_wp_bert_embed_writes_files_and_says_their_shape(
    wp: Wp, tokenizer: Tokenizer, model_folder: str
) -> None:
    Path("texts.txt").write_text("\n".join(TEXTS) + "\n")
    command = f"bert embed --input texts.txt --model {model_folder}"
    out = wp(*command.split(), "-o", "v.npy")
    assert out == "v.npy  [texts 4, hidden 32], 32-bit floats\n"
    expected = embed(tokenizer, TEXTS, model_folder).values
    assert np.allclose(np.load("v.npy"), expected, atol=1e-6)
    found = json.loads(wp(*command.split(), "-o", "v.parquet", "--vectors", "tokens", "--json"))
    assert found["axes"] == ["texts", "length", "hidden"]
    table = pyarrow.parquet.read_table("v.parquet").to_pydict()
    assert table["tokens"][0] == tokenizer.encode("good film").tokens
    assert len(table["vectors"][0]) == len(table["tokens"][0])
    assert np.allclose(table["vectors"][0][0], expected[0], atol=1e-5)
    for arguments, message in (
        (("-o", "v.txt"), "must end in .npy or .parquet"),
        (("-o", "v.npy", "--layer", "x"), "--layer x: must be a number such as -1, or all"),
        (("good", "-o", "v.npy"), "--input: takes no TEXT beside it"),
    ):
        wp(*command.split(), *arguments, code=2)
        assert message in wp.err
    assert remains() == []


def test_vectors_can_be_written_nowhere_else(tokenizer: Tokenizer) -> None:
    with pytest.raises(OptionError, match="must end in"):
        Vectors(np.zeros((1, 2), dtype=np.float32), (("a",),), "cls", -1).save("v.csv")


# ---------------------------------------------------------------- classification


@pytest.fixture(scope="session")
def labelled(reviews: list[tuple[str, str]]) -> Labelled:
    texts, names = zip(*reviews, strict=True)
    return Labelled("reviews", texts, tuple(int(name == "good") for name in names), ("bad", "good"))


FAST = ClassifierOptions(epochs=20, batch_size=8, learning_rate=2e-3)


def test_fine_tuning_learns_what_can_be_learned(tokenizer: Tokenizer, labelled: Labelled) -> None:
    training, held_out = labelled.taken(range(50)), labelled.taken(range(50, 60))
    found = train_classifier(tokenizer, training, FAST, held_out=held_out)
    assert found.quality is not None
    assert found.quality.accuracy == 1.0
    assert found.quality.majority == 0.5
    found.save("classifier")
    again = load_classifier("classifier")
    assert again.predict(TEXTS) == found.predict(TEXTS)
    pipeline = transformers.pipeline("text-classification", model="classifier")
    for theirs, (name, probability) in zip(pipeline(TEXTS), found.predict(TEXTS), strict=True):
        assert theirs["label"] == name
        assert theirs["score"] == pytest.approx(probability, abs=1e-5)


def test_frozen_vectors_are_told_apart_by_logistic_regression(
    tokenizer: Tokenizer, labelled: Labelled, model_folder: str
) -> None:
    """As scikit-learn would say it, after saving and loading, with the model as it was."""
    from sklearn.linear_model import LogisticRegression

    options = ClassifierOptions(recipe="frozen")
    found = train_classifier(tokenizer, labelled, options, model=model_folder, held_out=labelled)
    vectors = embed(tokenizer, labelled.texts, model_folder).values.astype(np.float64)
    theirs = LogisticRegression(max_iter=1000).fit(vectors, labelled.labels)
    assert np.allclose(found.probabilities(labelled.texts), theirs.predict_proba(vectors))
    assert found.quality is not None
    assert found.quality.accuracy > 0.6
    found.save("classifier")
    again = load_classifier("classifier")
    assert again.recipe == "frozen"
    assert np.allclose(again.probabilities(TEXTS), found.probabilities(TEXTS), atol=1e-6)


def test_classes_that_another_file_numbers_otherwise_are_told_by_name(
    tokenizer: Tokenizer, labelled: Labelled, model_folder: str
) -> None:
    options = ClassifierOptions(recipe="frozen")
    found = train_classifier(tokenizer, labelled, options, model=model_folder)
    good = [name for name, _ in found.predict(TEXTS)]
    others = tuple(sorted({*good, "unheard of"}))  # a class that no text has, and perhaps not both
    again = Labelled("t", tuple(TEXTS), tuple(map(others.index, good)), others)
    assert found.measure(again).accuracy == 1.0
    with pytest.raises(InputError, match="class 'unheard of' is none of 'bad', 'good'"):
        found.measure(Labelled("t", ("x",), (0,), ("unheard of",)))


def test_a_model_in_half_precision_gives_vectors(wp: Wp, tokenizer: Tokenizer) -> None:
    model = fresh("BertModel", Vocabulary.of(tokenizer), size=Size(2, 32), max_length=24)
    save_model(model.to(torch.bfloat16), tokenizer, "half", {})
    wp("bert", "embed", TEXTS[0], "--model", "half", "--output", "v.npy")
    assert np.load("v.npy").dtype == np.float32


def test_three_classes_are_told_apart_too(tokenizer: Tokenizer, model_folder: str) -> None:
    texts = tuple(["good film", "no fun", "a dull story"] * 10)
    three = Labelled("three", texts, tuple([0, 1, 2] * 10), ("a", "b", "c"))
    frozen = ClassifierOptions(recipe="frozen")
    for options, model in ((FAST, None), (frozen, model_folder)):
        found = train_classifier(tokenizer, three, options, model=model, held_out=three)
        assert found.quality is not None
        assert found.quality.f1 == 1.0
        assert [name for name, _ in found.predict(texts[:3])] == ["a", "b", "c"]


def test_the_same_options_give_the_same_classifier(
    tokenizer: Tokenizer, labelled: Labelled
) -> None:
    options = ClassifierOptions(epochs=1, batch_size=8)
    first, second = (train_classifier(tokenizer, labelled, options) for _ in range(2))
    assert first.predict(TEXTS) == second.predict(TEXTS)
    other = train_classifier(tokenizer, labelled, ClassifierOptions(epochs=1, seed=1))
    assert other.predict(TEXTS) != first.predict(TEXTS)


def test_quality_is_what_the_textbook_says() -> None:
    """Three right of five; of two called good, one is."""
    labelled = Labelled("x", ("t",) * 5, (0, 0, 0, 1, 1), ("bad", "good"))
    found = quality(labelled, [0, 0, 1, 1, 0])
    assert (found.accuracy, found.precision, found.recall, found.f1) == (0.6, 0.5, 0.5, 0.5)
    assert found.majority == 0.6


def test_probabilities_add_up() -> None:
    found = softmax(np.array([[1000.0, 0.0], [0.0, 0.0]]))
    assert found.tolist() == [[1.0, 0.0], [0.5, 0.5]]


def test_what_is_no_classifier_is_refused(tokenizer: Tokenizer, labelled: Labelled) -> None:
    Path("none").mkdir()
    with pytest.raises(InputError, match="holds no classifier: make one with"):
        load_classifier("none")
    train_classifier(tokenizer, labelled, ClassifierOptions(epochs=1)).save("classifier")
    Path("classifier/classifier.json").write_text("{}")
    with pytest.raises(FormatError, match="is damaged: make it again"):
        load_classifier("classifier")
    with pytest.raises(OptionError, match="--recipe 'both': must be one of"):
        train_classifier(tokenizer, labelled, ClassifierOptions(recipe="both"))  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="--batch-size 0"):
        train_classifier(tokenizer, labelled, ClassifierOptions(batch_size=0))


def test_a_class_without_texts_is_refused(
    tokenizer: Tokenizer, labelled: Labelled, model_folder: str
) -> None:
    three = Labelled("three", labelled.texts, labelled.labels, ("bad", "good", "never"))
    for recipe in ("frozen", "finetune"):
        options = ClassifierOptions(recipe=recipe)  # type: ignore[arg-type]
        with pytest.raises(InputError, match="three: no text to train on has the label 'never'"):
            train_classifier(tokenizer, three, options, model=model_folder)


def test_a_classifier_of_other_classes_gets_a_new_head(
    tokenizer: Tokenizer, labelled: Labelled
) -> None:
    train_classifier(tokenizer, labelled, ClassifierOptions(epochs=1)).save("two")
    three = Labelled("three", labelled.texts[:6], (0, 1, 2, 0, 1, 2), ("a", "b", "c"))
    found = train_classifier(tokenizer, three, ClassifierOptions(epochs=1), model="two")
    assert found.probabilities(["good"]).shape == (1, 3)


def test_the_same_frozen_classifier_is_written_twice(
    tokenizer: Tokenizer, labelled: Labelled, model_folder: str
) -> None:
    """What the model lacks, such as a pooler, is drawn by the seed."""
    options = ClassifierOptions(recipe="frozen")
    for folder in ("one", "two"):
        train_classifier(tokenizer, labelled, options, model=model_folder).save(folder)
    assert contents(Path("one")) == contents(Path("two"))


def test_there_is_a_vector_for_each_line(wp: Wp, tokenizer: Tokenizer, model_folder: str) -> None:
    Path("texts.txt").write_text("good film\n\n\nfun\u2028fun\n")
    wp(*f"bert embed --input texts.txt --model {model_folder} -o v.npy".split())
    assert np.load("v.npy").shape == (4, 32)


def test_wp_bert_classify_trains_and_predicts(
    wp: Wp, tokenizer: Tokenizer, labelled_file: str, model_folder: str
) -> None:
    tokenizer.save_pretrained("tokenizer")
    out = wp(
        *f"bert classify train {labelled_file} --epochs 20 --batch-size 8 -o cls".split(),
        *("--learning-rate", "0.002"),
    )
    assert "accuracy    1.0000 (the majority class 0." in out
    assert "F1          1.0000 of good" in out
    assert "good" in wp("bert", "classify", "predict", "good film, great fun", "--model", "cls")
    found = json.loads(wp("bert", "classify", "predict", "no fun", "--model", "cls", "--json"))
    assert found[0]["label"] == "bad"
    found = json.loads(
        wp(
            *f"bert classify train {labelled_file} --recipe frozen --model {model_folder}".split(),
            *f"--test {labelled_file} -o frozen --json".split(),
        )
    )
    assert found["training_texts"] == 60
    assert set(found["quality"]) >= {"accuracy", "precision", "recall", "f1", "majority"}
    wp("bert", "classify", "predict", "a", "--model", "nowhere", code=2)
    assert wp.err.count("\n") == 1


def test_a_name_in_the_cache_brings_its_tokenizer(tokenizer: Tokenizer) -> None:
    """As `transformers` keeps what it downloaded; nothing is asked of the network."""
    kept = Path("cache/models--acme--tiny")
    model = fresh("BertModel", Vocabulary.of(tokenizer), size=Size(1, 32), max_length=24)
    save_model(model, tokenizer, kept / "snapshots/abc", {})
    (kept / "refs").mkdir()
    (kept / "refs/main").write_text("abc")
    own = environment(HF_HUB_CACHE=str(Path("cache").resolve()), HF_HUB_OFFLINE="1")
    command = [*WP, *["bert", "embed", "goodfilm", "--model", "acme/tiny", "-o", "v.npy"]]
    run = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    expected = embed(tokenizer, ["goodfilm"], model).values
    assert np.allclose(np.load("v.npy"), expected, atol=1e-5)
    command[-2:] = ["-t", "acme/none", "-o", "v.npy"]
    run = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr.startswith("wp: --tokenizer acme/none: no such path, and transformers")


def test_a_tensor_of_ids_is_decoded() -> None:
    tokenizer = Tokenizer(presets.wordpiece(["[UNK]", "to", "##ken"]))
    assert tokenizer.decode(torch.tensor([1, 2])) == "token"
    with pytest.raises(InputError, match="is none"):
        tokenizer.decode(torch.tensor([1.0, 2.0]))
