"""What a tokenizer_config.json says of the vocabulary files beside it.

`transformers` writes them together, and reads the same from them: a vocab.json and merges.txt of
GPT-2's tokenizer or RoBERTa's, a vocab.txt of BERT's. What is not supported is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeGuard

from wordpiece.errors import FormatError, UnsupportedError
from wordpiece.formats.model_dir import BERT_ROLES, ROBERTA_ROLES
from wordpiece.formats.tokenizer_json import Json
from wordpiece.formats.tokenizer_json_reader import Reader
from wordpiece.postprocess import OffsetTrimming, roberta_template
from wordpiece.text.pretokenize import ByteLevelPreTokenizer
from wordpiece.tokenizer import Habits, Parts

#: `PreTrainedTokenizer` is what a folder of ours says, whose tokens are GPT-2's.
KINDS = ("GPT2Tokenizer", "RobertaTokenizer", "PreTrainedTokenizer")
#: What the special tokens are called where the configuration does not say it.
GPT2_DEFAULTS = dict.fromkeys(("bos_token", "eos_token", "unk_token"), "<|endoftext|>")
#: From here on a length says that there is no limit.
NO_LENGTH = 10**9
ROLES = tuple(ROBERTA_ROLES)
BERT_KINDS = ("BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "PreTrainedTokenizer")


def gpt2_parts(parts: Parts, config: Json, *, source: str) -> Parts:
    """Byte-level BPE with what its configuration adds: prefix space, special tokens, template.

    Raises `UnsupportedError` for a tokenizer of another class, whose files mean something else, and
    for what is not supported here, and `FormatError` for a setting that is none.
    """
    kind = str(config.get("tokenizer_class") or "GPT2Tokenizer").removesuffix("Fast")
    if kind not in KINDS:
        raise UnsupportedError(
            f"{source}: the part 'tokenizer_class' is {kind}; only GPT2Tokenizer and "
            "RobertaTokenizer are read from vocab.json and merges.txt, others from tokenizer.json"
        )
    refuse(config, ("add_bos_token", "add_eos_token"), source)
    roberta = kind == "RobertaTokenizer"
    add_prefix_space = setting(config, "add_prefix_space", False, source)
    trims = setting(config, "trim_offsets", True, source)
    roles = dict(role_tokens(config, ROBERTA_ROLES if roberta else GPT2_DEFAULTS, source))
    tokens = token_entries(parts, config, roles, source)
    parts = replace(
        parts,
        pre_tokenizer=ByteLevelPreTokenizer(add_prefix_space=add_prefix_space),
        added_tokens=Reader(source).added_tokens(tokens, parts.model, parts.normalizer),
    )
    if not roberta:
        return parts
    for role in ("cls_token", "sep_token"):
        if role not in roles:
            raise FormatError(f"{source}: the part '{role}' is null, and RobertaTokenizer needs it")
    ids = {token.content: token.id for token in parts.added_tokens}
    template = roberta_template(roles["cls_token"]["content"], roles["sep_token"]["content"], ids)
    trimming = OffsetTrimming(add_prefix_space) if trims else None
    return replace(parts, template=template, trimming=trimming)


class BertOptions(NamedTuple):
    """What is done to text before a vocab.txt."""

    lowercase: bool
    strip_accents: bool | None
    cjk_spacing: bool


def bert_options(config: Json, vocab: Mapping[str, int], *, source: str) -> BertOptions:
    """What a configuration says of the text before a vocab.txt.

    Where it names BERT's class and not `do_lower_case`, text is lower-cased, as `transformers` has
    it. Raises `UnsupportedError` for another class and for special tokens other than BERT's.
    """
    kind = config.get("tokenizer_class")
    if kind is not None and str(kind).removesuffix("Fast") not in BERT_KINDS:
        raise UnsupportedError(
            f"{source}: the part 'tokenizer_class' is {kind}; only {', '.join(BERT_KINDS[:-1])} "
            "are read from a vocab.txt, others from tokenizer.json"
        )
    refuse(config, ("never_split", "additional_special_tokens", "extra_special_tokens"), source)
    for role, entry in role_tokens(config, {}, source):
        if entry["content"] != BERT_ROLES.get(role, entry["content"]):
            what = f"{entry['content']!r}; only {BERT_ROLES[role]!r} is supported with a vocab.txt"
            raise UnsupportedError(f"{source}: the part '{role}' is {what}")
    for id, entry in (config.get("added_tokens_decoder") or {}).items():
        content = entry["content"]
        if content not in BERT_ROLES.values() or str(vocab.get(content)) != id:
            what = f"{content!r} as {id}; only BERT's own special tokens are supported"
            raise UnsupportedError(f"{source}: the part 'added_tokens_decoder' has {what}")
    lowercase_unless_said = kind is not None and not str(kind).startswith("PreTrained")
    strip_accents = config.get("strip_accents")
    return BertOptions(
        lowercase=setting(config, "do_lower_case", lowercase_unless_said, source),
        strip_accents=None
        if strip_accents is None
        else setting(config, "strip_accents", False, source),
        cjk_spacing=setting(config, "tokenize_chinese_chars", True, source),
    )


def habits_of(config: Json, *, source: str) -> Habits:
    """What a configuration says of inputs; a length of 10^30 stands for none in `transformers`.

    Raises `FormatError` for a side that is none, and a length that is no positive number.
    """
    sides: dict[str, Any] = {}
    for name in ("padding_side", "truncation_side"):
        side = sides[name] = config.get(name) or "right"
        if side not in ("left", "right"):
            raise FormatError(f"{source}: the part '{name}' must be left or right, not {side!r}")
    length = config.get("model_max_length")
    if length is not None and (isinstance(length, bool) or not isinstance(length, int | float)):
        raise FormatError(f"{source}: the part 'model_max_length' must be a number: {length!r}")
    known = length is not None and 1 <= length < NO_LENGTH
    roles = []
    for role in ROLES:
        token = config.get(role)
        content = token.get("content") if isinstance(token, dict) else token
        if isinstance(content, str):
            roles.append((role, content))
    inputs = config.get("model_input_names")
    return Habits(
        max_length=int(length) if known and length is not None else None,
        roles=tuple(roles),
        inputs=tuple(inputs) if are_strings(inputs) else (),
        **sides,
    )


def are_strings(values: object) -> TypeGuard[list[str]]:
    """Whether something is a list of strings."""
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def setting(config: Json, name: str, default: bool, source: str) -> bool:
    """A setting that is true or false."""
    value = config.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise FormatError(f"{source}: the part '{name}' must be true or false, not {value!r}")
    return value


def refuse(config: Json, names: Iterable[str], source: str) -> None:
    """Refuse settings that are there and are not false or empty."""
    for name in names:
        if config.get(name):
            raise UnsupportedError(
                f"{source}: the part '{name}' is {config[name]!r}, which is not supported: "
                "save the tokenizer with transformers, which writes a tokenizer.json"
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
        yield role, {name: each for name, each in value.items() if name != "__type"}
    others = config.get("additional_special_tokens") or config.get("extra_special_tokens") or []
    if not isinstance(others, list) or not all(isinstance(token, str) for token in others):
        raise FormatError(f"{source}: the part 'additional_special_tokens' must be a list of str")
    for token in others:
        yield f"additional_special_tokens {token!r}", {"content": token}


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
