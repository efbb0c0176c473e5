"""A model after its vocabulary was changed: what it says of old tokens stays what it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
import transformers

import wordpiece
from tests.command import Wp
from wordpiece.bert.models import Vocabulary, fresh, load
from wordpiece.bert.models import save as save_model
from wordpiece.bert.options import Size
from wordpiece.pretrained import Tokenizer
from wordpiece.revision.extend import ExtensionOptions, extend
from wordpiece.revision.prune import prune

TEXT = "good film, a dull story, no fun"


@pytest.fixture
def model(tokenizer: Tokenizer) -> str:
    own = fresh("BertForMaskedLM", Vocabulary.of(tokenizer), size=Size(2, 32), max_length=48)
    with torch.no_grad():
        own.cls.predictions.bias.normal_()
    save_model(own, tokenizer, "model", {})
    return "model"


def logits(folder: str, ids: list[int]) -> torch.Tensor:
    own = transformers.AutoModelForMaskedLM.from_pretrained(folder).eval()
    with torch.inference_mode():
        found: torch.Tensor = own(torch.tensor([ids])).logits[0]
    return found


def test_new_tokens_begin_about_as_likely_as_old_ones(wp: Wp, tokenizer: Tokenizer) -> None:
    """Where biases are ln p, as after pre-training, a bias of 0 would be nearly all probability."""
    own = fresh("BertForMaskedLM", Vocabulary.of(tokenizer), size=Size(2, 32), max_length=48)
    size = tokenizer.get_vocab_size()
    with torch.no_grad():
        own.cls.predictions.bias.copy_(torch.linspace(-9, -5, size))
    save_model(own, tokenizer, "model", {})
    going_on = next(token for token in tokenizer.get_vocab() if token.startswith("##"))
    text = f"good{going_on.removeprefix('##')} qqq"
    extension = extend(tokenizer, [text] * 3, ExtensionOptions(4, min_frequency=1))
    extension.save("extended")
    wp("bert", "resize", "model", "-t", "extended", "-o", "larger")
    larger = transformers.AutoModelForMaskedLM.from_pretrained("larger")
    bias = larger.cls.predictions.bias.detach()
    old = torch.linspace(-9, -5, size)
    assert {bool(each.pieces) for each in extension.tokens} == {True, False}
    for each in extension.tokens:
        expected = old[list(each.pieces)].mean() if each.pieces else old.mean()
        assert float(bias[each.id]) == pytest.approx(float(expected), abs=1e-4)
    ids = tokenizer.encode(TEXT).ids
    mass = logits("larger", ids).softmax(-1)[:, size:].sum(-1)
    assert float(mass.max()) < 0.2


def test_a_pruned_model_says_of_what_is_left_what_it_said_before(
    wp: Wp, tokenizer: Tokenizer, model: str
) -> None:
    found = prune(tokenizer, [TEXT])
    assert found.removed
    found.save("pruned")
    out = wp("bert", "resize", model, "-t", "pruned", "-o", "small")
    assert f"{len(found.kept):,} rows of 32" in out
    old = tokenizer.encode(TEXT).ids
    new = Tokenizer.from_file("small").encode(TEXT).ids
    assert [found.kept[id] for id in new] == old
    expected = logits(model, old)[:, list(found.kept)]
    assert torch.allclose(logits("small", new), expected, atol=1e-5)
    theirs = transformers.AutoTokenizer.from_pretrained("small")
    assert theirs(TEXT)["input_ids"] == new


def test_an_extended_model_knows_old_texts_as_before(
    wp: Wp, tokenizer: Tokenizer, model: str
) -> None:
    going_on = next(token for token in tokenizer.get_vocab() if token.startswith("##"))
    word = f"good{going_on.removeprefix('##')}"
    extension = extend(tokenizer, [word] * 3, ExtensionOptions(2, min_frequency=1))
    extension.save("extended")
    found = json.loads(wp("bert", "resize", model, "-t", "extended", "-o", "larger", "--json"))
    size = extension.tokenizer.get_vocab_size()
    assert (found["class"], found["vocab_size"]) == ("BertForMaskedLM", size)
    ids = tokenizer.encode(TEXT).ids
    expected = logits(model, ids)
    assert torch.allclose(
        logits("larger", ids)[:, : tokenizer.get_vocab_size()], expected, atol=1e-5
    )
    larger = load("AutoModel", "larger", Vocabulary.of(extension.tokenizer))
    weight = larger.get_input_embeddings().weight
    known = [each for each in extension.tokens if each.pieces]
    assert known
    for each in known:
        assert torch.allclose(weight[each.id], weight[list(each.pieces)].mean(0))


def test_what_does_not_fit_is_refused(wp: Wp, tokenizer: Tokenizer, model: str) -> None:
    wp("bert", "resize", model, "-t", "model", code=2)
    assert wp.err.startswith("wp: model: has neither extension.json nor id_map.json")
    prune(tokenizer, [TEXT]).save("pruned")
    wp("bert", "resize", model, "-t", "pruned", "-o", "small")
    wp("bert", "resize", "small", "-t", "pruned", "-o", "smaller", code=2)
    assert "rows, and the vocabulary that was changed" in wp.err
    wp("bert", "resize", model, "-t", "pruned", "-o", "pruned", code=2)
    assert "is the tokenizer's own folder: name another" in wp.err
    good = json.loads(Path("pruned/id_map.json").read_text())
    changes: list[dict[str, object]] = [
        {"kept": []},
        {"kept": ["a"]},
        {"kept": [[0]]},
        {"kept": [*good["kept"][:-1], 99999]},
        {"kept": good["kept"][::-1]},
        {"old_vocab_size": None},
        {"old_vocab_size": "x"},
    ]
    for change in changes:
        Path("pruned/id_map.json").write_text(json.dumps({**good, **change}))
        wp("bert", "resize", model, "-t", "pruned", code=2)
        assert wp.err.startswith("wp: pruned/id_map.json: is damaged, or not of the tokenizer")
    wp("bert", "resize", "nowhere", "-t", "small", code=2)
    assert wp.err.count("\n") == 1


def test_a_model_of_another_vocabulary_of_the_same_size_is_refused(
    wp: Wp, tokenizer: Tokenizer, model: str
) -> None:
    vocab = list(tokenizer.get_vocab())
    Path("vocab.txt").write_text("\n".join([*vocab[:5], *reversed(vocab[5:])]) + "\n")
    other = Tokenizer.from_file("vocab.txt", lowercase=True)
    prune(other, [TEXT]).save("pruned")
    wp("bert", "resize", model, "-t", "pruned", code=2)
    assert wp.err == "wp: model: has another vocabulary than the one that was changed\n"


def test_an_output_layer_of_its_own_keeps_its_bias(wp: Wp, tokenizer: Tokenizer) -> None:
    config = transformers.BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=64,
        tie_word_embeddings=False,
    )
    own = transformers.BertForMaskedLM(config)
    with torch.no_grad():
        own.cls.predictions.bias.normal_()
        own.cls.predictions.decoder.bias.normal_()
    save_model(own, tokenizer, "model", {})
    found = prune(tokenizer, [TEXT])
    found.save("pruned")
    wp("bert", "resize", "model", "-t", "pruned", "-o", "small")
    old = tokenizer.encode(TEXT).ids
    new = Tokenizer.from_file("small").encode(TEXT).ids
    expected = logits("model", old)[:, list(found.kept)]
    assert torch.allclose(logits("small", new), expected, atol=1e-5)


def test_all_special_tokens_of_a_configuration_get_their_new_ids(wp: Wp) -> None:
    base = wordpiece.train(
        ["low lower lowest " * 3], vocab_size=266, model="byte-bpe", special_tokens=["<s>", "</s>"]
    ).tokenizer
    size = base.get_vocab_size()
    config = transformers.GPT2Config(
        vocab_size=size, n_embd=32, n_layer=1, n_head=1, bos_token_id=0, eos_token_id=size - 1
    )
    save_model(transformers.GPT2LMHeadModel(config), base, "model", {})
    found = prune(base, ["low"])
    found.save("pruned")
    wp("bert", "resize", "model", "-t", "pruned", "-o", "small")
    small = transformers.AutoConfig.from_pretrained("small")
    kept = list(found.kept)
    last = kept.index(size - 1) if size - 1 in kept else None
    assert (small.bos_token_id, small.eos_token_id) == (kept.index(0), last)


def test_a_head_that_is_not_there_is_not_drawn(wp: Wp, tokenizer: Tokenizer, model: str) -> None:
    config = json.loads(Path("model/config.json").read_text())
    config["architectures"] = ["BertForSequenceClassification"]
    Path("model/config.json").write_text(json.dumps(config))
    prune(tokenizer, [TEXT]).save("pruned")
    wp("bert", "resize", model, "-t", "pruned", "-o", "small", code=2)
    assert "its weights have no bert.pooler" in wp.err
    assert not Path("small").exists()
