"""Tokens taken out that a text never uses, with the ids that a model's embeddings keep."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

import wordpiece
from wordpiece.analysis.explain import longest_match
from wordpiece.api import CorpusInput
from wordpiece.errors import OptionError
from wordpiece.formats import model_dir
from wordpiece.formats.atomic import write_folder
from wordpiece.formats.model_dir import vocab_sha256
from wordpiece.models.bpe import BPE, NO_RANK
from wordpiece.models.wordpiece import WordPiece
from wordpiece.postprocess import Slot, SpecialSlot, Template
from wordpiece.pretrained import StrPath, Tokenizer
from wordpiece.revision.usage import uses, words_for
from wordpiece.text.reading import AS_IT_IS, Reading
from wordpiece.tokenizer import Parts
from wordpiece.training.trainers import check_least
from wordpiece.types import ProgressListener, WordCounts


@dataclass(frozen=True)
class Pruning:
    """A vocabulary pruned: `kept` has for each new id the old one, in the old order.

    `embedding[kept]` cuts a matrix to the new vocabulary. `tokens` and `tokens_before` are those
    of the text, with those recognized in raw text; they are equal unless tokens were taken out that
    the text uses.
    """

    base: Tokenizer
    tokenizer: Tokenizer
    kept: tuple[int, ...]
    removed: tuple[str, ...]
    min_count: int
    tokens_before: int
    tokens: int

    def save(self, folder: StrPath) -> None:
        """Write the tokenizer, and id_map.json with the old id of each new one.

        Raises `OutputError`.
        """
        document = {
            "format": 1,
            "package": f"wordpiece-lab {wordpiece.__version__}",
            "old_vocab_size": self.base.get_vocab_size(),
            "old_vocab_sha256": vocab_sha256(self.base.get_vocab()),
            "vocab_size": self.tokenizer.get_vocab_size(),
            "min_count": self.min_count,
            "kept": list(self.kept),
        }
        files = {
            **model_dir.files(self.tokenizer.parts),
            model_dir.ID_MAP: json.dumps(document) + "\n",
        }
        write_folder(Path(folder), files, ours=model_dir.OURS)


def prune(
    base: Tokenizer,
    corpus: CorpusInput,
    *,
    min_count: int = 1,
    reading: Reading = AS_IT_IS,
    workers: int | None = 1,
    progress: ProgressListener | None = None,
) -> Pruning:
    """Take out the tokens that a corpus uses fewer than `min_count` times.

    >>> from wordpiece import presets
    >>> base = Tokenizer(presets.wordpiece(["[UNK]", "a", "##a", "##b", "ab", "##aa", "aaa"]))
    >>> found = prune(base, WordCounts({"aaa": 2, "ab": 1}))
    >>> found.removed, found.kept
    (('##aa',), (0, 1, 2, 3, 4, 6))

    Special tokens, the unknown token and every single character stay, so that no word becomes
    unknown for it; for BPE also what the tokens in use are merged from. With a `min_count` of 1
    every word of the text is split as before. With more, a word that would become unknown keeps its
    tokens. The corpus is what `extend` takes.

    Raises `OptionError` for a count below 1, and above 1 for BPE.
    """
    check_least("--min-count", min_count, 1, "which takes out what is never used")
    counts, cut = words_for(base, corpus, reading=reading, workers=workers, progress=progress)
    model = base.parts.model
    if isinstance(model, BPE):
        if min_count > 1:
            raise OptionError(f"--min-count {min_count}: BPE needs the steps to its tokens; use 1")
        needed, merges = needed_by_bpe(model, counts)
    else:
        assert isinstance(model, WordPiece)
        needed, merges = needed_by_wordpiece(model, counts, min_count), ()
    added = {token.content for token in base.parts.added_tokens}
    always = {*added, *template_tokens(base.parts.template), getattr(model, "unk_token", None)}
    vocab = base.get_vocab()
    stay = {token: id for token, id in vocab.items() if token in needed or token in always}
    parts = with_ids(base.parts, {token: id for id, token in enumerate(stay)}, merges)
    tokenizer = Tokenizer(parts)
    recognized = sum(cut.values())
    before = uses(model, counts).total() + recognized
    return Pruning(
        base,
        tokenizer,
        tuple(stay.values()),
        tuple(token for token in vocab if token not in stay),
        min_count,
        before,
        before if min_count == 1 else uses(parts.model, counts).total() + recognized,
    )


def needed_by_wordpiece(model: WordPiece, counts: WordCounts, min_count: int) -> set[str]:
    """The tokens that stay: those used often enough, single characters, what a word hangs on.

    With a `min_count` of 1 words that are unknown stay so: a token that is matched before one of
    them fails is not used, yet without it the word could be split. With more, words that are known
    stay so.
    """
    prefix = model.continuing_subword_prefix
    needed = {token for token in model.vocab if len(token.removeprefix(prefix)) == 1}
    needed |= {token for token, count in uses(model, counts).items() if count >= min_count}
    needed.add(model.unk_token)
    stays_known = min_count > 1
    watched = [word for word in counts if model.covers(word) == stays_known]
    while True:
        left = model.with_vocab({token: id for token, id in model.vocab.items() if token in needed})
        others = [word for word in watched if left.covers(word) != stays_known]
        if not others:
            return needed
        needed.update(token for word in others for token in matched(model, word))


def matched(model: WordPiece, word: str) -> Iterator[str]:
    """The tokens that are matched from the left, up to where nothing fits.

    >>> [*matched(WordPiece({"[UNK]": 0, "aa": 1, "##a": 2, "##ba": 3}), "aaab")]
    ['aa', '##a']
    """
    found = longest_match(word, model.vocab, model.continuing_subword_prefix, longest=len(word))
    return takewhile(model.vocab.__contains__, found)


def needed_by_bpe(model: BPE, counts: WordCounts) -> tuple[set[str], tuple[tuple[str, str], ...]]:
    """The tokens that stay, and the merges: those that make a token in use.

    What is merged within a token does not hang on what stands around it, so each token in use is
    looked at by itself, rather than every word.
    """
    whole = {word for word in counts if model.ignore_merges and word in model.vocab}
    merged = WordCounts({word: count for word, count in counts.items() if word not in whole})
    ranks = {pair: rank for rank, pair in enumerate(model.merges)}
    used = uses(model, merged).keys() - {model.unk_token}
    fired = {pair for token in used for pair in merges_of(model, token, ranks)}
    characters = {token for token in model.vocab if len(token) == 1}
    made = {part for left, right in fired for part in (left, right, left + right)}
    return characters | whole | made, tuple(pair for pair in model.merges if pair in fired)


def merges_of(model: BPE, token: str, ranks: dict[tuple[str, str], int]) -> set[tuple[str, str]]:
    """The merges by which a token is made, as the model itself makes them."""
    symbols = [char for char in token if char in model.vocab or model.unk_token is not None]
    found: set[tuple[str, str]] = set()
    while len(symbols) > 1:
        ranked = ((ranks.get(pair, NO_RANK), at) for at, pair in enumerate(pairwise(symbols)))
        rank, at = min(ranked)
        if rank == NO_RANK:
            break
        found.add((symbols[at], symbols[at + 1]))
        symbols[at : at + 2] = [symbols[at] + symbols[at + 1]]
    return found


def with_ids(parts: Parts, ids: dict[str, int], merges: tuple[tuple[str, str], ...]) -> Parts:
    """A pipeline over other ids: model, added tokens and template."""
    model: Any = parts.model
    vocab = {token: ids[token] for token in model.vocab if token in ids}
    return replace(
        parts,
        model=model.with_vocab(vocab, merges)
        if isinstance(model, BPE)
        else model.with_vocab(vocab),
        added_tokens=tuple(replace(token, id=ids[token.content]) for token in parts.added_tokens),
        template=None if parts.template is None else renumbered(parts.template, ids),
    )


def template_tokens(template: Template | None) -> set[str]:
    """The tokens that a template adds."""
    if template is None:
        return set()
    slots = (*template.single, *template.pair)
    return {token for slot in slots if isinstance(slot, SpecialSlot) for token in slot.tokens}


def renumbered(template: Template, ids: dict[str, int]) -> Template:
    """A template whose special tokens have other ids."""

    def slot(each: Slot) -> Slot:
        if not isinstance(each, SpecialSlot):
            return each
        return replace(each, ids=tuple(ids[token] for token in each.tokens))

    return Template(tuple(map(slot, template.single)), tuple(map(slot, template.pair)))
