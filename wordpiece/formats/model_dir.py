"""The folder that a training writes, and that `transformers` loads."""

from __future__ import annotations

import json
from collections.abc import Iterable

from wordpiece.formats import tokenizer_json, vocab_txt
from wordpiece.tokenizer import Parts
from wordpiece.types import Merge

TOKENIZER, CONFIG, VOCAB = "tokenizer.json", "tokenizer_config.json", "vocab.txt"
SIGNATURE, TRACE = "training.json", "merges.jsonl"

#: What `transformers` calls the special tokens of BERT.
ROLES = {
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
}


def files(parts: Parts) -> dict[str, str]:
    """File name to text, for everything that a tokenizer needs."""
    return {
        TOKENIZER: tokenizer_json.dump(parts),
        CONFIG: config_json(parts),
        VOCAB: vocab_txt.dump(parts.model.vocab, source=VOCAB),
    }


def config_json(parts: Parts) -> str:
    """The text of a tokenizer_config.json.

    The class is the one that takes tokenizer.json as it is: `BertTokenizer` would rebuild the
    normalizer from settings of its own, and lower-case a cased vocabulary.
    """
    known = {token.content for token in parts.added_tokens}
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
        **{role: token for role, token in ROLES.items() if token in known},
    }
    return json.dumps(config, ensure_ascii=False, indent=2) + "\n"


def trace(merges: Iterable[Merge]) -> str:
    """The text of a merges.jsonl: one merge a line, with every field of `Merge`."""
    return "".join(json.dumps(merge._asdict(), ensure_ascii=False) + "\n" for merge in merges)
