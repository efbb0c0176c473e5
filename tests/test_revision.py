"""`wp extend` and `wp prune`: old ids stay what they were, and what is said of the rest is true."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import tokenizers
from hypothesis import example, given
from hypothesis import strategies as st

import wordpiece
from tests.command import Wp, remains
from tests.strategies import word_counts, wordpiece_vocabs
from wordpiece import presets
from wordpiece.errors import OptionError
from wordpiece.models.bpe import BPE
from wordpiece.models.wordpiece import WordPiece
from wordpiece.pretrained import Tokenizer
from wordpiece.revision.extend import ExtensionOptions, extend, old_pieces
from wordpiece.revision.prune import needed_by_bpe, prune
from wordpiece.text.added_tokens import AddedToken
from wordpiece.text.byte_alphabet import byte_characters
from wordpiece.text.normalize import BertNormalizer
from wordpiece.types import WordCounts

BERT = ["[PAD]", "[unused0]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = [*"abc", "##a", "##b", "##c"]


def bert(*tokens: str) -> Tokenizer:
    return Tokenizer(presets.wordpiece([*BERT, *LETTERS, *tokens]))


def added(base: Tokenizer, counts: dict[str, int], **options: object) -> list[tuple[str, int]]:
    settings = ExtensionOptions(**{"add": 3, "min_frequency": 1, **options})  # type: ignore[arg-type]
    return [(each.token, each.id) for each in extend(base, WordCounts(counts), settings).tokens]


# ---------------------------------------------------------------- extend


def test_unused_slots_are_filled_before_anything_is_appended() -> None:
    found = added(bert(), {"abc": 5, "cab": 3, "bb": 2}, score="frequency")
    assert found == [("abc", 1), ("cab", 2), ("bb", 13)]  # the slots by their ids, then behind


@pytest.mark.parametrize(
    ("counts", "options", "tokens"),
    [
        ({"ab": 3}, {}, ["ab"]),
        ({"cab": 3}, {"score": "frequency", "add": 2}, ["cab"]),  # the steps to it are not used
        # where a round gets no further, the next one learns more at once
        ({"aba": 2, "accb": 4}, {"score": "gain", "add": 2}, ["accb", "aba"]),
        ({"xyz": 3}, {"add": 8, "score": "frequency"}, ["x", "##y", "##z", "xyz"]),
        ({"xyz": 3}, {"add": 8, "limit_alphabet": 0}, []),
        ({"xyz": 3, "ab": 1}, {"add": 1, "limit_alphabet": 1}, ["x"]),
        ({"ab": 1, "bc": 2}, {"min_frequency": 2}, ["bc"]),
        ({"abc": 4}, {"max_token_length": 2, "score": "frequency", "add": 9}, ["ab"]),
    ],
)
def test_tokens_are_learned_from_words_as_the_old_vocabulary_splits_them(
    counts: dict[str, int], options: dict[str, object], tokens: list[str]
) -> None:
    assert [token for token, _ in added(bert(), counts, **options)] == tokens


def test_each_new_token_says_what_it_was() -> None:
    found = extend(
        bert("ab"), WordCounts({"abc": 5, "xab": 2}), ExtensionOptions(4, "frequency", 1)
    )
    was = {each.token: each.pieces for each in found.tokens}
    ids = found.base.get_vocab()
    assert was["abc"] == (ids["ab"], ids["##c"])
    assert was["x"] == ()  # it was unknown
    assert {each.token: each.replaced for each in found.tokens}["x"] == "[unused0]"
    assert found.tokenizer.token_to_id("[unused0]") is None


def test_a_slot_that_is_recognized_in_text_is_no_slot() -> None:
    base = Tokenizer(
        presets.wordpiece([*BERT, *LETTERS], special_tokens=("[UNK]", "[unused0]", "[CLS]"))
    )
    assert added(base, {"ab": 3}) == [("ab", 2)]


@given(vocab=wordpiece_vocabs, counts=word_counts, add=st.integers(1, 12))
def test_every_old_id_keeps_its_token_and_every_new_token_is_used(
    vocab: set[str], counts: dict[str, int], add: int
) -> None:
    base = Tokenizer(presets.wordpiece([*BERT, *sorted(vocab)]))
    found = extend(base, WordCounts(counts), ExtensionOptions(add, "gain", 1))
    new = found.tokenizer.get_vocab()
    for token, id in base.get_vocab().items():
        assert new.get(token) == id or token.startswith("[unused")
    assert len(found.tokens) <= add
    ids = [each.id for each in found.tokens]
    assert ids == sorted(ids)
    assert sorted(new.values()) == list(range(len(new)))
    used: Counter[str] = Counter()
    for word, count in counts.items():
        for token in found.tokenizer.encode(word, add_special_tokens=False).tokens:
            used[token] += count
    for each in found.tokens:
        assert each.count or len(each.token.removeprefix("##")) == 1
    if not any("#" in word for word in counts):  # which the pre-tokenizer cuts off
        assert {each.token: each.count for each in found.tokens} == {
            each.token: used[each.token] for each in found.tokens
        }


@given(word=st.text("abc", min_size=1, max_size=6), vocab=wordpiece_vocabs)
def test_what_a_token_was_is_how_the_old_vocabulary_splits_its_text(
    word: str, vocab: set[str]
) -> None:
    model = WordPiece({token: id for id, token in enumerate(["[UNK]", *sorted(vocab)])})
    ids = model.ids(word)
    assert old_pieces(model, word) == (() if ids == [0] else tuple(ids))


def test_bpe_gets_merges_behind_all_old_ones(course: Path) -> None:
    base = wordpiece.train(course, vocab_size=280, model="byte-bpe").tokenizer
    found = extend(base, ["어떻게 어떻게 어떻게", "how how"], ExtensionOptions(10, min_frequency=2))
    model, old = found.tokenizer.parts.model, base.parts.model
    assert isinstance(model, BPE)
    assert isinstance(old, BPE)
    assert model.merges[: len(old.merges)] == old.merges
    assert found.appended == 10
    assert len(found.tokenizer.encode("어떻게").ids) < len(base.encode("어떻게").ids)
    for line in course.read_text(encoding="utf-8").splitlines():
        assert found.tokenizer.decode(found.tokenizer.encode(line).ids) == line


def test_scores_that_bpe_does_not_have_are_refused(course: Path) -> None:
    base = wordpiece.train(course, vocab_size=280, model="byte-bpe").tokenizer
    with pytest.raises(OptionError, match="BPE has only frequency"):
        extend(base, WordCounts({"a": 1}), ExtensionOptions(1, "likelihood"))


def test_the_extended_folder_loads_in_transformers_with_the_same_ids(course: Path) -> None:
    transformers = pytest.importorskip("transformers")
    base = bert()
    found = extend(base, WordCounts({"abc": 5, "cab": 3}), ExtensionOptions(3, "gain", 1))
    found.save("extended")
    theirs = transformers.AutoTokenizer.from_pretrained("extended")
    assert theirs("abc cab b")["input_ids"] == found.tokenizer.encode("abc cab b").ids
    document = json.loads(Path("extended/extension.json").read_text(encoding="utf-8"))
    assert document["vocab_size"] == len(theirs) == found.tokenizer.get_vocab_size()
    assert [each["token"] for each in document["tokens"]] == [t.token for t in found.tokens]


def test_wp_extend_shows_gains_and_changes(wp: Wp, course: Path) -> None:
    Path("vocab.txt").write_text("\n".join([*BERT, *LETTERS, "##ab", "ca"]) + "\n")
    Path("corpus.txt").write_text("cab abc\n" * 30)
    Path("old.txt").write_text("cabab cab aa\n")
    out = wp("extend", "vocab.txt", "corpus.txt", "--add", "2", "--old", "old.txt")
    assert "2 tokens: 2 in [unusedN] slots, 0 behind" in out
    assert "old.txt: 2 of 3 words are split otherwise, 2 times; 7 tokens before" in out
    found = json.loads(
        wp("extend", "vocab.txt", "corpus.txt", "--add", "2", "--old", "old.txt", "--json")
    )
    assert found["after"]["fertility"] == 1.5
    assert found["before"]["fertility"] > found["after"]["fertility"]
    assert found["held_out"] is True
    assert [each["count"] for each in found["tokens"]] == [27, 27]  # every tenth line is held out
    assert found["old"]["tokens_after"] < found["old"]["tokens_before"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("vocab.txt", "corpus.txt", "--add", "0"), "--add 0: must be at least 1"),
        (("vocab.txt", "empty.txt", "--add", "3"), "empty.txt: holds no word"),
        (("none.txt", "corpus.txt", "--add", "3"), "none.txt: no such tokenizer"),
        (("vocab.txt", "none.txt", "--add", "3"), "none.txt: no such file"),
        (("vocab.txt", "corpus.txt", "--add", "3", "--old", "no.txt"), "no.txt: no such file"),
    ],
)
def test_mistakes_in_extending_are_one_line(
    wp: Wp, arguments: tuple[str, ...], message: str
) -> None:
    Path("vocab.txt").write_text("\n".join([*BERT, *LETTERS]) + "\n")
    Path("corpus.txt").write_text("cab abc\n" * 30)
    Path("empty.txt").write_text(" \n")
    wp("extend", *arguments, code=2)
    assert message in wp.err
    assert wp.err.count("\n") == 1
    assert not Path("extended").exists()
    assert remains() == []


def with_added_tokens(*contents: str) -> Tokenizer:
    """A tokenizer.json as `add_tokens` makes it: behind the vocabulary, and not special."""
    base = bert()
    base.save("t.json")
    document = json.loads(Path("t.json").read_text(encoding="utf-8"))
    size = base.get_vocab_size()
    for number, content in enumerate(contents):
        flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
        token = {"id": size + number, "content": content, "special": False, **flags}
        document["added_tokens"].append(token)
    Path("t.json").write_text(json.dumps(document))
    return Tokenizer.from_file("t.json")


def test_tokens_that_were_added_keep_their_ids_and_cut_words() -> None:
    """And what is written can be read, by `tokenizers` too."""
    base = with_added_tokens("covid", "<e>")
    text = "abcovidca ca <e>ab ab"
    found = extend(base, [text] * 5, ExtensionOptions(6, min_frequency=2))
    assert {each.token for each in found.tokens} == {"ab", "ca"}
    found.save("extended")
    again = Tokenizer.from_file("extended")
    theirs = tokenizers.Tokenizer.from_file("extended/tokenizer.json")
    expected = ["ab", "covid", "ca", "ca", "<e>", "ab", "ab"]
    assert again.encode(text, add_special_tokens=False).tokens == expected
    assert theirs.encode(text, add_special_tokens=False).tokens == expected
    assert again.token_to_id("covid") == base.token_to_id("covid")


def test_tokens_that_were_added_are_no_words_where_nothing_comes_behind_them() -> None:
    parts = with_added_tokens("abba").parts
    base = Tokenizer(replace(parts, normalizer=BertNormalizer(lowercase=True)))
    text = "ABBA Abba"
    found = extend(base, WordCounts({"ca": 5}), ExtensionOptions(1))
    assert [(each.token, each.replaced) for each in found.tokens] == [("ca", "[unused0]")]
    assert "abba" not in found.tokenizer.parts.model.vocab
    found.save("extended")
    again = Tokenizer.from_file("extended")
    assert again.token_to_id("abba") == base.token_to_id("abba")
    assert again.encode(text).tokens == base.encode(text).tokens


def test_what_is_never_used_can_go_beside_added_tokens() -> None:
    base = with_added_tokens("covid")
    text = "abcovidca ca"
    found = prune(base, [text])
    assert found.tokens == len(base.encode(text, add_special_tokens=False).tokens)
    for each in (text, "covid", "cab"):
        new = found.tokenizer.encode(each).ids
        assert [found.kept[id] for id in new] == base.encode(each).ids


def test_a_normalizer_of_others_is_asked_text_by_text() -> None:
    base = bert()
    base.save("t.json")
    document = json.loads(Path("t.json").read_text(encoding="utf-8"))
    document["normalizer"] = None
    Path("t.json").write_text(json.dumps(document))
    Path("corpus.txt").write_text("cab cab\ncab\n")
    found = extend(
        Tokenizer.from_file("t.json"), Path("corpus.txt"), ExtensionOptions(5, "frequency", 1)
    )
    assert [(each.token, each.count) for each in found.tokens] == [("cab", 3)]


@pytest.mark.parametrize(("language", "add"), [("korean", 800), ("english", 1500)])
def test_bert_base_uncased_is_extended_and_a_real_model_with_it(
    data: Path, language: str, add: int
) -> None:
    """Old ids unchanged, new tokens used, and the embeddings of a BertModel resized."""
    base = Tokenizer.from_file(data / "bert-vocabs/bert-base-uncased.txt", lowercase=True)
    lines = real_lines(data, language)
    found = extend(base, lines[:6000], ExtensionOptions(add))
    old, new = base.get_vocab(), found.tokenizer.get_vocab()
    assert len(found.tokens) == add
    assert found.in_slots == min(add, 994)
    assert found.appended == max(0, add - 994)
    assert all(new.get(token) == id for token, id in old.items() if "[unused" not in token)
    held_out = lines[6000:8000]
    before = sum(map(len, base.encode_ids(held_out)))
    own = found.tokenizer.encode_ids(held_out)
    after = sum(map(len, own))
    assert after < before * (0.75 if language == "korean" else 0.99)
    ids = {each.id for each in found.tokens}
    # of English what was lacking are names, of which other articles have others
    share = 0.5 if language == "korean" else 0.1
    assert len(ids & {id for text in own for id in text}) > share * add
    torch = pytest.importorskip("torch")
    from transformers import BertConfig, BertModel

    from wordpiece.bert.resizing import extended

    config = BertConfig(
        vocab_size=len(old),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=32,
    )
    model = BertModel(config)
    matrix = model.get_input_embeddings().weight.detach().clone()
    extended(model, [(each.id, each.pieces) for each in found.tokens], len(new))
    grown = model.get_input_embeddings().weight
    assert grown.shape == (len(new), 16)
    kept = [id for token, id in old.items() if "[unused" not in token]
    assert torch.equal(grown[kept], matrix[kept])
    some = next(each for each in found.tokens if len(each.pieces) > 1)
    assert torch.allclose(grown[some.id], matrix[list(some.pieces)].mean(0))
    with torch.inference_mode():
        assert model(torch.tensor([own[0]])).last_hidden_state.shape == (1, len(own[0]), 16)


def real_lines(data: Path, language: str) -> list[str]:
    if language == "korean":
        with gzip.open(data / "korean/nsmc_ratings_test.txt.gz", "rt", encoding="utf-8") as file:
            rows = [line.split("\t")[1] for line in list(file)[1:]]
        return [row for row in rows if row.strip()][:8000]
    with gzip.open(data / "english/wikitext2_train.txt.gz", "rt", encoding="utf-8") as file:
        return [line for line in file if line.strip()][:8000]


# ---------------------------------------------------------------- prune


@given(vocab=wordpiece_vocabs, counts=word_counts)
@example(vocab={"##aa", "b", "a", "aa"}, counts={"aaa": 1, "baaaa": 1})  # aaa stays unknown
def test_what_is_never_used_can_go_without_a_trace(vocab: set[str], counts: dict[str, int]) -> None:
    base = Tokenizer(presets.wordpiece([*BERT, *sorted(vocab)]))
    found = prune(base, WordCounts(counts))
    old, new = base.parts.model, found.tokenizer.parts.model
    for word in counts:
        assert [found.kept[id] for id in new.ids(word)] == old.ids(word)
    assert found.tokens == found.tokens_before
    assert found.kept == tuple(sorted(found.kept))
    names = base.get_vocab()
    assert [names[token] for token in found.tokenizer.get_vocab()] == list(found.kept)


@given(counts=word_counts)
def test_bpe_keeps_the_steps_to_what_it_uses(counts: dict[str, int]) -> None:
    lines = [" ".join([word] * 2) for word in ("abab", "baba", "cab", "hgf", "aaaa", "abc")]
    base = wordpiece.train(lines, vocab_size=60, model="bpe").tokenizer
    found = prune(base, WordCounts(counts))
    old, new = base.parts.model, found.tokenizer.parts.model
    for word in counts:
        assert [found.kept[id] for id in new.ids(word)] == old.ids(word)


def merges_word_by_word(model: BPE, word: str) -> set[tuple[str, str]]:
    """What a word's encoding merges: the lowest rank first, the leftmost of equals."""
    ranks = {pair: rank for rank, pair in enumerate(model.merges)}
    symbols = [*word]
    fired = set()
    while any(pair in ranks for pair in pairwise(symbols)):
        rank, at = min(
            (ranks[pair], at) for at, pair in enumerate(pairwise(symbols)) if pair in ranks
        )
        fired.add(model.merges[rank])
        symbols[at : at + 2] = ["".join(symbols[at : at + 2])]
    return fired


@given(counts=word_counts)
def test_the_merges_that_stay_are_those_that_some_word_makes(counts: dict[str, int]) -> None:
    """Found token by token, and held against every word followed to its end."""
    lines = [" ".join([word] * 2) for word in ("abab", "baba", "cab", "hgf", "aaaa", "abc")]
    model = wordpiece.train(lines, vocab_size=60, model="bpe").tokenizer.parts.model
    assert isinstance(model, BPE)
    fired = set().union(*(merges_word_by_word(model, word) for word in counts))
    _, merges = needed_by_bpe(model, WordCounts(counts))
    assert set(merges) == fired


def test_words_that_are_taken_whole_stay(course: Path) -> None:
    """With `ignore_merges` no merge need make them."""
    base = presets.bpe(["[UNK]", "a", "b", "ab", "ba"], [("a", "b")])
    model = BPE(base.model.vocab, [("a", "b")], unk_token="[UNK]", ignore_merges=True)
    found = prune(Tokenizer(replace(base, model=model)), WordCounts({"ba": 2}))
    assert "ba" in found.tokenizer.get_vocab()
    assert found.tokenizer.encode("ba", add_special_tokens=False).tokens == ["ba"]
    assert found.removed == ("ab",)


def test_what_a_template_adds_stays_though_it_is_no_added_token() -> None:
    parts = presets.wordpiece(["[UNK]", "a", "ab", "[CLS]", "[SEP]"])
    plain = Tokenizer(replace(parts, added_tokens=()))
    found = prune(plain, WordCounts({"a": 1}))
    assert found.removed == ("ab",)
    assert found.tokenizer.encode("a").tokens == ["[CLS]", "a", "[SEP]"]


def test_an_added_token_behind_the_vocabulary_keeps_its_id_beside_new_ones() -> None:
    parts = bert().parts
    behind = AddedToken("<new>", len(parts.model.vocab), special=False)
    base = Tokenizer(replace(parts, added_tokens=(*parts.added_tokens, behind)))
    options = ExtensionOptions(add=5, min_frequency=1, score="frequency")
    found = extend(base, WordCounts({"abc": 5, "cab": 3, "bb": 2, "acc": 2, "cb": 2}), options)
    found.save("t")
    theirs = tokenizers.Tokenizer.from_file("t/tokenizer.json")
    assert theirs.token_to_id("<new>") == found.tokenizer.token_to_id("<new>") == behind.id
    for text in ("abc <new> cab", "<new>bb acc cb"):
        assert theirs.encode(text).ids == found.tokenizer.encode(text).ids


def test_nothing_is_merged_across_a_character_that_is_unknown() -> None:
    base = Tokenizer(presets.bpe(["[UNK]", "a", "b"], []))
    options = ExtensionOptions(add=3, min_frequency=1, limit_alphabet=0)
    assert extend(base, WordCounts({"axb": 9}), options).tokens == ()
    assert [each.token for each in extend(base, WordCounts({"ab": 9}), options).tokens] == ["ab"]


def test_a_token_of_characters_that_were_unknown_has_no_old_pieces() -> None:
    model = BPE({"[UNK]": 0, "a": 1, "b": 2}, [], unk_token="[UNK]")
    assert old_pieces(model, "ab") == (1, 2)
    assert old_pieces(model, "axb") == ()


def test_a_word_of_any_length_is_pruned_for_at_once() -> None:
    base = wordpiece.train(["abab ab ba"] * 3, vocab_size=20, model="bpe").tokenizer
    found = prune(base, WordCounts({"ab" * 100_000: 1}))
    assert found.tokens == found.tokens_before > 0


@given(vocab=wordpiece_vocabs, counts=word_counts, min_count=st.integers(2, 60))
def test_no_word_becomes_unknown_when_rare_tokens_go(
    vocab: set[str], counts: dict[str, int], min_count: int
) -> None:
    base = Tokenizer(presets.wordpiece([*BERT, *sorted(vocab)]))
    found = prune(base, WordCounts(counts), min_count=min_count)
    unknown = {id for id, old in enumerate(found.kept) if old == base.token_to_id("[UNK]")}
    for word in counts:
        was_known = base.token_to_id("[UNK]") not in base.parts.model.ids(word)
        assert not was_known or not unknown & set(found.tokenizer.parts.model.ids(word))


def test_a_byte_level_vocabulary_keeps_its_bytes(course: Path) -> None:
    base = wordpiece.train(course, vocab_size=300, model="byte-bpe").tokenizer
    found = prune(base, course)
    assert set(byte_characters()) <= set(found.tokenizer.get_vocab())
    assert found.tokenizer.decode(found.tokenizer.encode("한국").ids) == "한국"


def test_template_and_special_tokens_have_their_new_ids() -> None:
    base = Tokenizer(presets.wordpiece([*BERT, "zz", *LETTERS]))
    found = prune(base, WordCounts({"abc": 1}))
    assert found.removed == ("[unused0]", "[unused1]", "zz")
    encoding = found.tokenizer.encode("[MASK] abc")
    assert [found.tokenizer.id_to_token(id) for id in encoding.ids] == encoding.tokens
    assert encoding.tokens == ["[CLS]", "[MASK]", "a", "##b", "##c", "[SEP]"]


def test_rare_tokens_of_bpe_are_refused() -> None:
    base = wordpiece.train(["abab ab"], vocab_size=20, model="bpe").tokenizer
    with pytest.raises(OptionError, match="BPE needs the steps"):
        prune(base, WordCounts({"ab": 1}), min_count=2)


def test_wp_prune_writes_the_rows_that_stay(wp: Wp, course: Path) -> None:
    wordpiece.train(course, vocab_size=120).save("tokenizer")
    Path("small.txt").write_text("This is the course\n")
    out = wp("prune", "small.txt")
    assert "tokens, as before" in out
    found = json.loads(Path("pruned/id_map.json").read_text())
    old = Tokenizer.from_file("tokenizer")
    new = Tokenizer.from_file("pruned")
    text = "This is the course"
    assert [found["kept"][id] for id in new.encode(text).ids] == old.encode(text).ids
    assert found["vocab_size"] == new.get_vocab_size() == len(found["kept"])
    assert json.loads(wp("prune", "small.txt", "--json"))["vocab_size"] == found["vocab_size"]
    wp("prune", "small.txt", "--min-count", "0", code=2)
    assert wp.err == ("wp: --min-count 0: must be at least 1, which takes out what is never used\n")


@pytest.mark.parametrize(
    "command",
    ["prune texts -o texts/new", "extend tokenizer texts --add 2 -o texts/new"],
)
def test_what_was_written_among_the_texts_is_no_text(wp: Wp, course: Path, command: str) -> None:
    wordpiece.train(course, vocab_size=90).save("tokenizer")
    Path("texts").mkdir()
    Path("texts/a.txt").write_bytes(course.read_bytes())
    wp(*command.split())
    written = Path("texts/new/vocab.txt").read_bytes()
    wp(*command.split())
    assert Path("texts/new/vocab.txt").read_bytes() == written


def test_the_multilingual_vocabulary_shrinks_for_one_language(data: Path) -> None:
    base = Tokenizer.from_file(data / "bert-vocabs/bert-base-multilingual-cased.txt")
    file = str(data / "english/meditations.txt")
    found = prune(base, file)
    assert len(found.kept) < 25_000 < 119_547 == len(found.kept) + len(found.removed)
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    for old, new in zip(base.encode_ids(lines), found.tokenizer.encode_ids(lines), strict=True):
        assert [found.kept[id] for id in new] == old


def test_what_stands_beside_special_tokens_of_the_text_is_kept(data: Path) -> None:
    base = Tokenizer.from_file(data / "gpt2" / "vocab.json")
    text = "First doc.\n\n<|endoftext|>Second doc"
    found = prune(base, [text])
    assert found.tokenizer.encode(text).tokens == base.encode(text).tokens
    assert found.tokens == found.tokens_before == len(base.encode(text).tokens) == 7
    assert "ĊĊ" not in found.removed
