"""The pipelines assembled: from a vocabulary to everything a tokenizer consists of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wordpiece.decoding import ByteLevelDecoder, SpaceDecoder, WordPieceDecoder
from wordpiece.models.bpe import BPE
from wordpiece.models.wordpiece import WordPiece
from wordpiece.postprocess import Template, bert_template
from wordpiece.text.added_tokens import AddedToken
from wordpiece.text.normalize import BertNormalizer, NoNormalizer
from wordpiece.text.pretokenize import BertPreTokenizer, ByteLevelPreTokenizer
from wordpiece.tokenizer import Habits, Parts

#: BERT's special tokens, in the order in which they are given ids.
BERT_SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
#: GPT-2's only one.
GPT2_SPECIAL_TOKENS = ("<|endoftext|>",)
#: The longest inputs of BERT and of GPT-2, in tokens.
BERT_LENGTH, GPT2_LENGTH = 512, 1024


def wordpiece(
    vocab: Mapping[str, int] | Iterable[str],
    *,
    lowercase: bool = False,
    strip_accents: bool | None = None,
    cjk_spacing: bool = True,
    special_tokens: Iterable[str] = BERT_SPECIAL_TOKENS,
) -> Parts:
    """BERT's pipeline over a vocabulary (tokens in id order, or token to id).

    Special tokens that the vocabulary holds are recognized in raw text; the `[CLS] … [SEP]`
    template is there when both tokens are.

    >>> wordpiece(["[UNK]", "a"]).template is None
    True
    """
    ids = ids_of(vocab)
    return Parts(
        normalizer=BertNormalizer(
            lowercase=lowercase, strip_accents=strip_accents, cjk_spacing=cjk_spacing
        ),
        pre_tokenizer=BertPreTokenizer(),
        model=WordPiece(ids),
        decoder=WordPieceDecoder(),
        template=cls_sep_template(ids),
        added_tokens=known_tokens(special_tokens, ids),
        habits=Habits(BERT_LENGTH),
    )


def bpe(
    vocab: Mapping[str, int] | Iterable[str],
    merges: Iterable[tuple[str, str]],
    *,
    lowercase: bool = False,
    strip_accents: bool | None = None,
    cjk_spacing: bool = True,
    fuse_unk: bool = False,
    special_tokens: Iterable[str] = BERT_SPECIAL_TOKENS,
) -> Parts:
    """BPE over characters behind BERT's normalizer and split, `[UNK]` for unknown characters.

    A token does not say whether a word begins with it, so decoding puts spaces between all tokens.

    >>> bpe(["[UNK]", "a", "b", "ab"], [("a", "b")]).model.ids("abx")
    [3, 0]
    """
    ids = ids_of(vocab)
    return Parts(
        normalizer=BertNormalizer(
            lowercase=lowercase, strip_accents=strip_accents, cjk_spacing=cjk_spacing
        ),
        pre_tokenizer=BertPreTokenizer(),
        model=BPE(ids, merges, unk_token="[UNK]", fuse_unk=fuse_unk),
        decoder=SpaceDecoder(),
        template=cls_sep_template(ids),
        added_tokens=known_tokens(special_tokens, ids),
        habits=Habits(BERT_LENGTH),
    )


def byte_bpe(
    vocab: Mapping[str, int] | Iterable[str],
    merges: Iterable[tuple[str, str]],
    *,
    add_prefix_space: bool = False,
    special_tokens: Iterable[str] = GPT2_SPECIAL_TOKENS,
) -> Parts:
    """GPT-2's pipeline: its split of text as it is, and BPE over bytes, decoded without loss.

    >>> byte_bpe(["a", "Ġ", "Ġa"], [("Ġ", "a")]).model.ids("Ġa")
    [2]
    """
    ids = ids_of(vocab)
    return Parts(
        normalizer=NoNormalizer(),
        pre_tokenizer=ByteLevelPreTokenizer(add_prefix_space=add_prefix_space),
        model=BPE(ids, merges),
        decoder=ByteLevelDecoder(),
        added_tokens=known_tokens(special_tokens, ids),
        habits=Habits(GPT2_LENGTH),
    )


def ids_of(vocab: Mapping[str, int] | Iterable[str]) -> dict[str, int]:
    """Token to id, from the same or from tokens in id order."""
    if isinstance(vocab, Mapping):
        return dict(vocab)
    return {token: id for id, token in enumerate(vocab)}


def cls_sep_template(ids: Mapping[str, int]) -> Template | None:
    """BERT's template, when both its tokens are there."""
    return bert_template("[CLS]", "[SEP]", ids) if {"[CLS]", "[SEP]"} <= ids.keys() else None


def known_tokens(tokens: Iterable[str], ids: Mapping[str, int]) -> tuple[AddedToken, ...]:
    """The special tokens that a vocabulary holds."""
    return tuple(AddedToken(token, ids[token]) for token in tokens if token in ids)
