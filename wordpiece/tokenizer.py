"""The pipeline: normalize, pre-tokenize, model, post-process; and back from ids to text.

Nothing here reads or writes files: `wordpiece.Tokenizer` (in `api`) is this class with that added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, filterfalse
from operator import index
from typing import Any, SupportsIndex, TypeVar, Unpack

from wordpiece.collector import collector_paused
from wordpiece.decoding import Decoder
from wordpiece.encoding import Encoding
from wordpiece.errors import InputError, OptionError
from wordpiece.fitting import (
    FitOptions,
    Fitting,
    PaddingToken,
    Side,
    pad,
    padded_length,
    pairs_of_windows,
    windows_of,
)
from wordpiece.fitting import fitting as fitting_of
from wordpiece.models.base import Model
from wordpiece.packing import BYTES, IdType, packed
from wordpiece.places import Frame, FramedFields, Placing
from wordpiece.postprocess import PLAIN, OffsetTrimming, SpecialSlot, Template, TextSlot
from wordpiece.quick_ids import CHARACTERS_AT_ONCE, PackedIds, QuickIds, batches
from wordpiece.text.added_tokens import AddedToken, AddedTokens, Stretch
from wordpiece.text.chunks import chunker
from wordpiece.text.normalize import Normalizer
from wordpiece.text.pretokenize import PreTokenizer
from wordpiece.types import Word

#: A text, or the words that it was split into.
TextOrWords = str | Sequence[str]
#: One text, or a first and a second text.
TextInput = TextOrWords | tuple[TextOrWords, TextOrWords]
#: What fills up where no other token is named.
PADDING_TOKENS = ("[PAD]", "<pad>")

Item = TypeVar("Item")


@dataclass(frozen=True)
class Habits:
    """What a model expects of its inputs, which `transformers` keeps beside a tokenizer.

    `max_length` is the longest input in tokens (None: not known); the sides are those on which
    texts are cut and filled up. `roles` are names such as `pad_token` with the tokens that have
    them, `inputs` what a model is given of an encoding; empty, they are the usual ones.
    """

    max_length: int | None = None
    padding_side: Side = "right"
    truncation_side: Side = "right"
    roles: tuple[tuple[str, str], ...] = ()
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parts:
    """Everything that a tokenizer consists of."""

    normalizer: Normalizer
    pre_tokenizer: PreTokenizer
    model: Model
    decoder: Decoder
    template: Template | None = None
    trimming: OffsetTrimming | None = None
    added_tokens: tuple[AddedToken, ...] = ()
    habits: Habits = Habits()


#: What a tokenizer makes of its parts, at the beginning or when it is asked for.
BEGUN_ANEW = frozenset(
    ("parts", "_added", "_tokens", "_chunker", "_quick", "_placing", "_frames", "_packed")
)


class Pipeline:
    """Encodes text and decodes ids, step by step as `tokenizers` does, with the same results."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._added = AddedTokens(parts.added_tokens)
        self._tokens = {id: token for token, id in parts.model.vocab.items()}
        self._tokens.update((token.id, token.content) for token in parts.added_tokens)
        self._chunker = chunker(parts.normalizer, parts.pre_tokenizer)
        self._quick = QuickIds(self._chunker, parts.model)
        self._placing = Placing(self._chunker, parts.model, self._tokens)

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy, in another process perhaps, begins with the parts and remembers nothing.

        What a subclass has besides goes with it; its own `__getstate__` may say what.
        """
        more = self.__getstate__()
        return (type(self), (self.parts,), more) if more else (type(self), (self.parts,))

    def __getstate__(self) -> dict[str, Any]:
        """What there is besides the parts and what is made of them: what a subclass has."""
        return {name: value for name, value in vars(self).items() if name not in BEGUN_ANEW}

    def __repr__(self) -> str:
        model = type(self.parts.model).__name__
        return f"{type(self).__name__}({model}, {self.get_vocab_size()} tokens)"

    # ---------------------------------------------------------------- encoding

    def encode(
        self,
        text: TextOrWords,
        pair: TextOrWords | None = None,
        *,
        add_special_tokens: bool = True,
        is_split_into_words: bool = False,
        pad_token: str | None = None,
        **fit: Unpack[FitOptions],
    ) -> Encoding:
        """Encode one text, or two as BERT's sentence pair.

        >>> from wordpiece import presets
        >>> vocab = ["[UNK]", "[CLS]", "[SEP]", "i", "##t"]
        >>> tokenizer = Pipeline(presets.wordpiece(vocab, lowercase=True))
        >>> encoding = tokenizer.encode("It")
        >>> encoding.tokens, encoding.offsets
        (['[CLS]', 'i', '##t', '[SEP]'], [(0, 0), (0, 1), (1, 2), (0, 0)])

        Offsets are characters of the text as given. With `is_split_into_words` the texts are lists
        of words: `word_ids` are their places in the list, and offsets count from the start of each
        word.

        `fit` says how the result is made to fit (see `fitting.fitting`): `truncation` (True,
        `"longest_first"`, `"only_first"`, `"only_second"`) and `padding` (True, `"longest"`,
        `"max_length"`) with `max_length` in tokens, special ones included; `stride` tokens that
        windows share, `pad_to_multiple_of`, `truncation_side` and `padding_side` (`"left"`,
        `"right"`; left out, what the tokenizer's files say). What is cut off is in `overflowing`.
        `pad_token` is needed where the vocabulary has neither `[PAD]` nor `<pad>`.

        Raises `InputError` for what is no text, `OptionError` for what cannot be.
        """
        if not fit and not is_split_into_words:
            return self._encode(text, pair, special=add_special_tokens)
        fitting = self._fitting(fit)
        fitted = self._fitted(
            *(text, pair, fitting), special=add_special_tokens, split=is_split_into_words
        )
        self._pad([fitted], fitting, pad_token)
        return fitted

    def encode_batch(
        self,
        texts: Iterable[TextInput],
        *,
        add_special_tokens: bool = True,
        is_split_into_words: bool = False,
        pad_token: str | None = None,
        **fit: Unpack[FitOptions],
    ) -> list[Encoding]:
        """Encode many texts; an item may be a `(first, second)` tuple.

        The options are those of `encode`; padding to the longest is to that of all of them.
        """
        fitting = self._fitting(fit)
        special, split = add_special_tokens, is_split_into_words
        with collector_paused():
            if fitting.does_nothing and not split:
                inputs = map(checked_input, several(texts))
                return self._encode_many(inputs, special=special)
            found = [
                self._fitted(*both, fitting, special=special, split=split)
                for both in map(first_and_second, several(texts))
            ]
            self._pad(found, fitting, pad_token)
            return found

    def encode_ids(
        self, texts: Iterable[str], *, add_special_tokens: bool = False
    ) -> list[list[int]]:
        """The ids alone, for corpora: as in `encode(text).ids`, found once per distinct chunk."""
        frame = self._frames[add_special_tokens]
        if frame is None:
            whole = (self.encode(t, add_special_tokens=add_special_tokens) for t in several(texts))
            return [encoding.ids for encoding in whole]
        found: list[list[int]] = []
        with collector_paused():
            for batch in batches(checked_texts(texts)):
                ids = self._batch_ids(batch)
                found += ids if frame.is_empty else map(frame.around, ids)
        return found

    def packed_ids(
        self, texts: Iterable[str], dtype: IdType, *, add_special_tokens: bool = False
    ) -> list[bytes]:
        """As `encode_ids`, with the ids of each text as bytes, which `numpy.frombuffer` reads.

        >>> from wordpiece import presets
        >>> vocab = ["[UNK]", "[CLS]", "[SEP]", "i", "##t"]
        >>> Pipeline(presets.wordpiece(vocab)).packed_ids(["it", "i"], "uint16")
        [b'\\x03\\x00\\x04\\x00', b'\\x03\\x00']

        Each id has 2 or 4 bytes, the lowest first. Raises `OptionError` for another `dtype`,
        `OverflowError` for an id above 65,535 as `uint16`.
        """
        if dtype not in BYTES:
            raise OptionError(f"dtype {dtype!r}: must be {' or '.join(map(repr, BYTES))}")
        frame = self._frames[add_special_tokens]
        found: list[bytes] = []
        with collector_paused():
            for batch in batches(checked_texts(texts)):
                joined = "\0".join(batch)
                if frame is None or self._added.are_in(joined):
                    every = self.encode_ids(batch, add_special_tokens=add_special_tokens)
                    found += (packed(ids, dtype) for ids in every)
                    continue
                own = self._packed[dtype].of_each(batch, joined)
                if not frame.is_empty:
                    before, after = packed(frame.before.ids, dtype), packed(frame.after.ids, dtype)
                    own = [before + ids + after for ids in own]
                found += own
        return found

    @cached_property
    def _packed(self) -> dict[IdType, PackedIds]:
        """The ids of chunks, by the type that they are packed as."""
        return {dtype: PackedIds(self._quick, dtype) for dtype in BYTES}

    def words(self, text: str) -> list[Word]:
        """The words of a text, normalized, each with the span of the original that it came from.

        Added tokens such as `[MASK]` are words of their own.
        """
        return list(self._words(checked(text)))

    def _fitting(self, fit: FitOptions) -> Fitting:
        """What was asked for, on the sides that the model expects where no other is named."""
        habits = self.parts.habits
        asked: FitOptions = {
            "padding_side": habits.padding_side,
            "truncation_side": habits.truncation_side,
        }
        asked.update(fit)
        return fitting_of(**asked)

    def _fitted(
        self,
        first: TextOrWords,
        second: TextOrWords | None,
        fitting: Fitting,
        *,
        special: bool,
        split: bool,
    ) -> Encoding:
        """One text or two, cut to their length."""
        template = self.parts.template or PLAIN
        encode = self._encode_words if split else self._encode_untrimmed
        texts = [encode(first), *([] if second is None else [encode(second)])]
        added = template.added(pair=len(texts) > 1) if special else 0
        windows = windows_of(texts, fitting, added)
        if self.parts.trimming is not None:
            for window in chain.from_iterable(windows):
                self.parts.trimming.apply(window)
        one, other = windows[0], windows[1] if len(texts) > 1 else [None]
        whole, *overflowing = (
            template.apply(one[a], other[b], add_special_tokens=special)
            for a, b in pairs_of_windows(len(one), len(other))
        )
        whole.overflowing.extend(overflowing)
        return whole

    def _pad(self, encodings: list[Encoding], fitting: Fitting, token: str | None) -> None:
        """Fill encodings up, if that is asked for."""
        if fitting.padding is None:
            return
        filling = self.padding_token(token)
        length = padded_length(list(map(len, encodings)), fitting)
        for encoding in encodings:
            pad(encoding, length, filling, fitting.padding_side)

    def padding_token(self, token: str | None = None) -> PaddingToken:
        """What fills up: the token that is named, or else `[PAD]` or `<pad>`.

        Raises `OptionError` where there is none.
        """
        for name in PADDING_TOKENS if token is None else (token,):
            id = self.token_to_id(name)
            if id is not None:
                return PaddingToken(id, name)
        if token is not None:
            raise OptionError(f"pad_token {token!r}: is not in the vocabulary")
        raise OptionError(
            f"padding: the vocabulary has no padding token: name one with pad_token, such as "
            f"{next(iter(self._tokens.values()), '[PAD]')!r}"
        )

    def _encode_words(self, words: Sequence[str]) -> Encoding:
        """The tokens of words that were split before, each a text of its own."""
        if isinstance(words, str) or not isinstance(words, Iterable):
            raise InputError(
                "is_split_into_words: the text must be a list of words, not "
                f"{'one str' if isinstance(words, str) else type(words).__name__}"
            )
        whole = Encoding.empty()
        for number, word in enumerate(words):
            encoding = self._encode_untrimmed(word)
            encoding.word_ids[:] = [number] * len(encoding)
            whole.extend(encoding, type_id=0)
        return whole

    def _encode(self, text: object, pair: object, *, special: bool) -> Encoding:
        """One text, or two if `pair` is not None."""
        if pair is None and isinstance(text, str) and (framed := self._framed([text], special)):
            return framed[0]
        first = self._encode_text(text)
        second = None if pair is None else self._encode_text(pair)
        return (self.parts.template or PLAIN).apply(first, second, add_special_tokens=special)

    def _encode_many(self, texts: Iterable[Any], *, special: bool) -> list[Encoding]:
        """Many of them, each one text or two."""
        found: list[Encoding] = []
        for batch in batches(texts):
            framed = self._framed(batch, special) if set(map(type, batch)) == {str} else None
            if framed is None:
                pairs = map(first_and_second, batch)
                framed = [self._encode(*both, special=special) for both in pairs]
            found += framed
        return found

    def _framed(self, texts: list[str], special: bool) -> list[Encoding] | None:
        """Encodings of texts that hold no added token, of which only the ids are made.

        None where that cannot be done.
        """
        frame = self._frames[special]
        joined = "\0".join(texts)
        if frame is None or len(joined) > 2 * CHARACTERS_AT_ONCE or self._added.are_in(joined):
            return None
        trim = None if self.parts.trimming is None else self.parts.trimming.trimmed
        return [
            Encoding.made_later(
                frame.around(ids), FramedFields(text, ids, frame, self._placing, trim)
            )
            for text, ids in zip(texts, self._quick.of_each(texts, joined), strict=True)
        ]

    @cached_property
    def _frames(self) -> dict[bool, Frame | None]:
        """What stands around one text, without special tokens and with them.

        None where the template has not one place for it.
        """
        return {special: self._frame(special=special) for special in (False, True)}

    def _frame(self, *, special: bool) -> Frame | None:
        slots = (self.parts.template or PLAIN).single
        places = [at for at, slot in enumerate(slots) if isinstance(slot, TextSlot)]
        slot = slots[places[0]] if len(places) == 1 else None
        if not isinstance(slot, TextSlot) or slot.text != "A":
            return None
        frame = Frame(Encoding.empty(), Encoding.empty(), slot.type_id)
        for at, other in enumerate(slots):
            if special and isinstance(other, SpecialSlot):
                other.add_to(frame.before if at < places[0] else frame.after)
        return frame

    def _encode_text(self, text: object) -> Encoding:
        encoding = self._encode_untrimmed(text)
        if self.parts.trimming is not None:
            self.parts.trimming.apply(encoding)
        return encoding

    def _encode_untrimmed(self, text: object) -> Encoding:
        text = checked(text)
        encoding = Encoding.empty()
        word_id = 0
        for added, start, end in self._stretches(text):
            if added is not None:
                # as found: with the white space that the token swallowed, as `tokenizers` shows it
                append(encoding, added.id, text[start:end], (start, end), word_id)
                word_id += 1
            else:
                word_id = self._add_plain(encoding, text[start:end], start, word_id)
        count = len(encoding)
        encoding.type_ids.extend([0] * count)
        encoding.attention_mask.extend([1] * count)
        encoding.special_tokens_mask.extend([0] * count)
        return encoding

    def _add_plain(self, encoding: Encoding, text: str, shift: int, word_id: int) -> int:
        """Append the tokens of text without added tokens; return the next word's number."""
        for part in self._chunker.parts(text):
            ids = self._quick.of(part)
            offsets = self._placing.offsets(part, ids)
            numbers, count = self._placing.word_ids(part, ids)
            encoding.ids.extend(ids)
            encoding.tokens.extend(self._placing.tokens(ids))
            encoding.offsets.extend((start + shift, end + shift) for start, end in offsets)
            encoding.word_ids.extend(map(word_id.__add__, numbers))
            shift += len(part)
            word_id += count
        return word_id

    def _words(self, text: str) -> Iterator[Word]:
        for token, start, end in self._stretches(text):
            if token is not None:
                yield Word(text[start:end], start, end)
                continue
            normalized = self.parts.normalizer.normalize_aligned(text[start:end])
            for word, origins in self.parts.pre_tokenizer.split_aligned(normalized):
                yield Word(word, start + origins[0], start + origins[-1] + 1)

    def _stretches(self, text: str) -> Iterator[Stretch]:
        if self._added.are_in(text):
            return self._added.stretches(text)
        return iter([Stretch(None, 0, len(text))])

    def _batch_ids(self, texts: list[str]) -> list[list[int]]:
        joined = "\0".join(texts)
        if self._added.are_in(joined):
            return list(map(self._text_ids, texts))
        return self._quick.of_each(texts, joined)

    def _text_ids(self, text: str) -> list[int]:
        if not self._added.are_in(text):
            return self._quick.of(text)
        ids: list[int] = []
        for token, start, end in self._added.stretches(text):
            ids += self._quick.of(text[start:end]) if token is None else [token.id]
        return ids

    # ---------------------------------------------------------------- decoding

    def decode(self, ids: Iterable[int], *, skip_special_tokens: bool = True) -> str:
        """The text of ids; ids that stand for nothing are passed over, as `tokenizers` does.

        >>> from wordpiece import presets
        >>> vocab = ["[UNK]", "[CLS]", "[SEP]", "i", "##t"]
        >>> Pipeline(presets.wordpiece(vocab)).decode([1, 3, 4, 2])
        'it'

        Arrays and tensors of whole numbers will do. Raises `InputError` for what is no ids.
        """
        tokens = [self._tokens[id] for id in checked_ids(ids) if id in self._tokens]
        if skip_special_tokens:
            special = {token.content for token in self.parts.added_tokens if token.special}
            tokens = [token for token in tokens if token not in special]
        return self.parts.decoder.decode(tokens)

    # ---------------------------------------------------------------- vocabulary

    def get_vocab(self) -> dict[str, int]:
        """Token to id, in id order, added tokens included."""
        vocab = {
            **self.parts.model.vocab,
            **{token.content: token.id for token in self.parts.added_tokens},
        }
        return dict(sorted(vocab.items(), key=lambda item: item[1]))

    def get_vocab_size(self) -> int:
        """How many distinct tokens there are."""
        return len(self.parts.model.vocab.keys() | self._added.by_content.keys())

    def token_to_id(self, token: str) -> int | None:
        """The id of a token, or None."""
        added = self._added.by_content.get(token)
        return self.parts.model.vocab.get(token) if added is None else added.id

    def id_to_token(self, id: int) -> str | None:
        """The token of an id, or None."""
        return self._tokens.get(id)


def append(encoding: Encoding, id: int, token: str, span: tuple[int, int], word_id: int) -> None:
    """Append one token."""
    encoding.ids.append(id)
    encoding.tokens.append(token)
    encoding.offsets.append(span)
    encoding.word_ids.append(word_id)


def several(texts: Iterable[Item]) -> Iterable[Item]:
    """The texts, unless they are one text, which would be taken for many of one character."""
    if isinstance(texts, str):
        raise InputError("texts must be a list of str, not one str: use encode, or [text]")
    return texts


def first_and_second(texts: object) -> tuple[Any, Any]:
    """A first text and a second, which is None where there is only one."""
    if not isinstance(texts, tuple):
        return texts, None
    if len(texts) != 2 or texts[0] is None:
        raise InputError(f"a pair must be two texts, not {len(texts)}")
    return texts


def checked_ids(ids: Iterable[SupportsIndex]) -> list[int]:
    """Ids as ints, if they are some."""
    try:
        every = list(ids)
    except TypeError:
        raise InputError(f"ids must be a list of whole numbers, not {ids!r}") from None
    try:
        return list(map(index, every))
    except TypeError:
        wrong = next(filterfalse(is_whole, every))
        raise InputError(f"ids must be whole numbers: {wrong!r} is none") from None


def is_whole(value: SupportsIndex) -> bool:
    """Whether something is a whole number, as of NumPy or Torch, which say so only when asked."""
    try:
        index(value)
    except TypeError:
        return False
    return True


def checked_input(text: object) -> str | tuple[Any, Any]:
    """A text, or a first and a second."""
    return first_and_second(text) if isinstance(text, tuple) else checked(text)


def checked_texts(texts: Iterable[str]) -> Iterable[str]:
    """The texts, each of which is one; a list is looked at as a whole, and stays one."""
    if isinstance(texts, list) and set(map(type, texts)) <= {str}:
        return texts
    return map(checked, several(texts))


def checked(text: object) -> str:
    """The text, if it is one."""
    if isinstance(text, str):
        return text
    raise InputError(
        f"a text must be a str, not {type(text).__name__}: decode bytes first, and pass a list "
        "to encode_batch"
    )
