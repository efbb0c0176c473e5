"""The folder that a training writes, and that `transformers` loads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from wordpiece.formats import merges_txt, tokenizer_json, vocab_txt
from wordpiece.models.bpe import BPE
from wordpiece.models.wordpiece import WordPiece
from wordpiece.text.normalize import BertNormalizer
from wordpiece.text.pretokenize import ByteLevelPreTokenizer
from wordpiece.tokenizer import Parts

TOKENIZER, CONFIG = "tokenizer.json", "tokenizer_config.json"
VOCAB, VOCAB_JSON, MERGES = "vocab.txt", "vocab.json", "merges.txt"
SIGNATURE, TRACE = "training.json", "merges.jsonl"
MODEL_CONFIG = "config.json"
#: What a vocabulary was extended by, and which ids of another one were kept.
EXTENSION, ID_MAP = "extension.json", "id_map.json"
#: The names that are ours in a folder: what a new tokenizer does not write again is removed.
OURS = frozenset(
    {TOKENIZER, CONFIG, VOCAB, VOCAB_JSON, MERGES, SIGNATURE, TRACE, EXTENSION, ID_MAP}
)
#: What a BERT has beside its tokenizer: what a new model does not write again is removed.
OF_MODELS = frozenset(
    {MODEL_CONFIG, "model.safetensors", "classifier.json", "losses.jsonl", "losses.svg"}
    | {"pretraining.json", "generation_config.json"}
)
#: Folders that comparisons keep in it, to save time.
CACHES = COMPARED, COMPARED_SCORES = "compare", "compare-scores"

#: What `transformers` calls the special tokens of BERT, and of GPT-2.
BERT_ROLES = {
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
}
GPT2_ROLES = {
    **dict.fromkeys(("bos_token", "eos_token", "unk_token"), "<|endoftext|>"),
    **{role: token for role, token in BERT_ROLES.items() if role != "unk_token"},
}
#: Those of RoBERTa.
ROBERTA_ROLES = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "cls_token": "<s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "mask_token": "<mask>",
}


def vocab_sha256(vocab: Mapping[str, int]) -> str:
    """A hash of a vocabulary, tokens and ids."""
    import hashlib  # which is slow to load

    return hashlib.sha256(json.dumps(dict(vocab)).encode()).hexdigest()


def written(folder: str, *, model: bool = False) -> list[str]:
    """What earlier runs may have left of a tokenizer, or a `model` with it, and is no text.

    >>> "t/vocab.txt" in written("t"), "t/losses.jsonl" in written("t")
    (True, False)
    """
    names = sorted({*OURS, *CACHES, *(OF_MODELS if model else ())})
    found = [str(Path(folder, name)) for name in names]
    return [*found, str(checkpoints_beside(folder))] if model else found


def checkpoints_beside(folder: str) -> Path:
    """Where the checkpoints of a model are kept until it is written into a folder."""
    place = Path(folder).resolve()
    return place.with_name(f"{place.name}.checkpoints")


def files(parts: Parts) -> dict[str, str]:
    """File name to text, for everything that a tokenizer needs."""
    return {
        TOKENIZER: tokenizer_json.dump(parts),
        CONFIG: config_json(parts),
        **vocabulary_files(parts),
    }


def vocabulary_files(parts: Parts) -> dict[str, str]:
    """The vocabulary in the format of the model's first home: BERT's or GPT-2's."""
    model = parts.model
    if isinstance(model, BPE):
        return {
            VOCAB_JSON: merges_txt.dump_vocab(model.vocab),
            MERGES: merges_txt.dump_merges(model.merges),
        }
    return {VOCAB: vocab_txt.dump(model.vocab, source=VOCAB)}


def config_json(parts: Parts) -> str:
    """The text of a tokenizer_config.json.

    The class is the one that takes tokenizer.json as it is. `BertTokenizerFast`, when somebody
    names it, rebuilds the normalizer from settings, which are there for it: without them it would
    lower-case the text of a cased vocabulary.
    """
    habits = parts.habits
    byte_level = isinstance(parts.pre_tokenizer, ByteLevelPreTokenizer)
    special = {token.content for token in parts.added_tokens}
    known = special.union(parts.model.vocab)
    usual = BERT_ROLES
    if byte_level:
        usual = ROBERTA_ROLES if {"<s>", "</s>"} <= special else GPT2_ROLES
    roles = {role: token for role, token in usual.items() if token in special}
    own = {role: token for role, token in habits.roles if token in known}
    types = [] if byte_level else ["token_type_ids"]
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "model_input_names": list(habits.inputs) or ["input_ids", *types, "attention_mask"],
        **({} if habits.max_length is None else {"model_max_length": habits.max_length}),
        "padding_side": habits.padding_side,
        "truncation_side": habits.truncation_side,
        **(own or roles),
        **normalizer_settings(parts),
    }
    return json.dumps(config, ensure_ascii=False, indent=2) + "\n"


def normalizer_settings(parts: Parts) -> dict[str, bool | None]:
    """What `transformers` calls the options of BERT's normalizer; nothing for any other."""
    normalizer = parts.normalizer
    if not isinstance(parts.model, WordPiece) or not isinstance(normalizer, BertNormalizer):
        return {}
    return {
        "do_lower_case": normalizer.lowercase,
        "strip_accents": normalizer.strip_accents,
        "tokenize_chinese_chars": normalizer.cjk_spacing,
    }
