"""What a tokenizer_config.json says of a vocab.json and merges.txt: GPT-2's tokenizer or RoBERTa's.

`transformers` writes the three files together, and reads the same from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wordpiece.errors import FormatError, UnsupportedError
from wordpiece.formats.tokenizer_json import Json
from wordpiece.formats.tokenizer_json_reader import Reader
from wordpiece.postprocess import OffsetTrimming, roberta_template
from wordpiece.text.pretokenize import ByteLevelPreTokenizer
from wordpiece.tokenizer import Parts

#: `PreTrainedTokenizer` is what a folder of ours says, whose tokens are GPT-2's.
KINDS = ("GPT2Tokenizer", "RobertaTokenizer", "PreTrainedTokenizer")
#: What the special tokens are called where the configuration does not say it.
GPT2_DEFAULTS = dict.fromkeys(("bos_token", "eos_token", "unk_token"), "<|endoftext|>")
ROBERTA_DEFAULTS = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "cls_token": "<s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "mask_token": "<mask>",
}
ROLES = tuple(ROBERTA_DEFAULTS)


def configured(parts: Parts, config: Json, *, source: str) -> Parts:
    """Byte-level BPE with what its configuration adds: prefix space, special tokens, template.

    Raises `UnsupportedError` for a tokenizer of another class, whose files mean something else, and
    for a special token that the vocabulary lacks.
    """
    kind = str(config.get("tokenizer_class") or "GPT2Tokenizer").removesuffix("Fast")
    if kind not in KINDS:
        raise UnsupportedError(
            f"{source}: the part 'tokenizer_class' is {kind}; only GPT2Tokenizer and "
            "RobertaTokenizer are read from vocab.json and merges.txt, others from tokenizer.json"
        )
    roberta = kind == "RobertaTokenizer"
    add_prefix_space = bool(config.get("add_prefix_space"))
    roles = dict(role_tokens(config, ROBERTA_DEFAULTS if roberta else GPT2_DEFAULTS, source))
    tokens = token_entries(parts, config, roles, source)
    parts = replace(
        parts,
        pre_tokenizer=ByteLevelPreTokenizer(add_prefix_space=add_prefix_space),
        added_tokens=Reader(source).added_tokens(tokens, parts.model, parts.normalizer),
    )
    if not roberta:
        return parts
    ids = {token.content: token.id for token in parts.added_tokens}
    return replace(
        parts,
        template=roberta_template(
            roles["cls_token"]["content"], roles["sep_token"]["content"], ids
        ),
        trimming=OffsetTrimming(add_prefix_space) if config.get("trim_offsets", True) else None,
    )


def role_tokens(config: Json, defaults: dict[str, str], source: str) -> Iterator[tuple[str, Json]]:
    """Each role, such as `pad_token`, with its entry as in `added_tokens`, but for the id."""
    for role in ROLES:
        value = config.get(role, defaults.get(role))
        if isinstance(value, str):
            value = {"content": value}
        if value is None:
            continue
        if not isinstance(value, dict) or not isinstance(value.get("content"), str):
            raise FormatError(f"{source}: the part '{role}' must be a token, not {value!r}")
        yield role, {name: setting for name, setting in value.items() if name != "__type"}


def token_entries(parts: Parts, config: Json, roles: dict[str, Json], source: str) -> list[Json]:
    """The added tokens in order of id: those that the configuration lists, and the roles'."""
    listed = config.get("added_tokens_decoder") or {}
    if not isinstance(listed, dict) or not all(str(id).isdecimal() for id in listed):
        raise FormatError(f"{source}: the part 'added_tokens_decoder' must map ids to tokens")
    entries = [{**entry, "id": int(id)} for id, entry in listed.items()]
    known = {entry["content"] for entry in entries}
    for role, entry in roles.items():
        content = entry["content"]
        if content in known:
            continue
        known.add(content)
        if content not in parts.model.vocab:
            raise UnsupportedError(
                f"{source}: the part '{role}' is {content!r}, which vocab.json does not have and "
                "added_tokens_decoder does not add"
            )
        entries.append({**entry, "id": parts.model.vocab[content], "special": True})
    return sorted(entries, key=lambda entry: int(entry["id"]))
