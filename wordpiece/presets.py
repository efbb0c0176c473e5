"""The pipelines assembled: from a vocabulary to everything a tokenizer consists of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wordpiece.decoding import WordPieceDecoder
from wordpiece.models.wordpiece import WordPiece
from wordpiece.postprocess import bert_template
from wordpiece.text.added_tokens import AddedToken
from wordpiece.text.normalize import BertNormalizer
from wordpiece.text.pretokenize import BertPreTokenizer
from wordpiece.tokenizer import Parts

#: BERT's special tokens, in the order in which they are given ids.
BERT_SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


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
    ids = (
        dict(vocab) if isinstance(vocab, Mapping) else {token: id for id, token in enumerate(vocab)}
    )
    template = bert_template("[CLS]", "[SEP]", ids) if {"[CLS]", "[SEP]"} <= ids.keys() else None
    return Parts(
        normalizer=BertNormalizer(
            lowercase=lowercase, strip_accents=strip_accents, cjk_spacing=cjk_spacing
        ),
        pre_tokenizer=BertPreTokenizer(),
        model=WordPiece(ids),
        decoder=WordPieceDecoder(),
        template=template,
        added_tokens=tuple(
            AddedToken(token, ids[token]) for token in special_tokens if token in ids
        ),
    )
