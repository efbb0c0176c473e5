"""A model after its vocabulary was changed: what it says of old tokens stays what it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
import transformers

from tests.command import Wp
from wordpiece.bert.models import Size, Vocabulary, fresh, load
from wordpiece.bert.models import save as save_model
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
    Path("pruned/id_map.json").write_text("{}")
    wp("bert", "resize", model, "-t", "pruned", code=2)
    assert wp.err == "wp: pruned/id_map.json: is damaged: make it again\n"
    wp("bert", "resize", "nowhere", "-t", "small", code=2)
    assert wp.err.count("\n") == 1
