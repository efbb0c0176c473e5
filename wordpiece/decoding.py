"""From tokens back to text, by the rules of Hugging Face's decoders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from wordpiece.text.byte_alphabet import to_bytes

# In this order, each on one token with the space before it; " do not" is one only where it was
# added.
CLEANUP = (
    (" .", "."),
    (" ?", "?"),
    (" !", "!"),
    (" ,", ","),
    (" ' ", "'"),
    (" n't", "n't"),
    (" 'm", "'m"),
    (" do not", " don't"),
    (" 's", "'s"),
    (" 've", "'ve"),
    (" 're", "'re"),
)


class Decoder(Protocol):
    """Joins tokens to a text."""

    def decode(self, tokens: Sequence[str]) -> str:
        """The text of the tokens."""


@dataclass(frozen=True)
class WordPieceDecoder:
    """Joins word pieces: `##` belongs to the token before, all else gets a space before it.

    >>> WordPieceDecoder().decode(["it", "##s", "fine", "."])
    'its fine.'

    The first token is left as it is, its `##` included. `cleanup` closes up punctuation and English
    contractions; it looks at one token at a time, so `it ' s` stays.
    """

    prefix: str = "##"
    cleanup: bool = True

    def decode(self, tokens: Sequence[str]) -> str:
        """The text of the tokens."""
        return "".join(self._text(token, at) for at, token in enumerate(tokens))

    def _text(self, token: str, at: int) -> str:
        if at:
            token = token[len(self.prefix) :] if token.startswith(self.prefix) else f" {token}"
        return cleaned_up(token) if self.cleanup else token


@dataclass(frozen=True)
class ByteLevelDecoder:
    """Joins the bytes that byte characters stand for, then reads them as UTF-8.

    >>> ByteLevelDecoder().decode(["I", "Ġcaf", "Ã", "©"])
    'I café'

    Bytes that are no UTF-8 become U+FFFD. A token with a character that stands for no byte is taken
    as
    it is.
    """

    def decode(self, tokens: Sequence[str]) -> str:
        """The text of the tokens."""
        return b"".join(map(token_bytes, tokens)).decode("utf-8", "replace")


@dataclass(frozen=True)
class SpaceDecoder:
    """Joins tokens with spaces: what `tokenizers` does when a tokenizer has no decoder."""

    def decode(self, tokens: Sequence[str]) -> str:
        """The text of the tokens."""
        return " ".join(tokens)


def token_bytes(token: str) -> bytes:
    """The bytes of one byte-level token."""
    known = to_bytes(token)
    return token.encode("utf-8") if known is None else known


def cleaned_up(text: str) -> str:
    """English punctuation closed up.

    >>> cleaned_up(" ."), cleaned_up(" 's")
    ('.', "'s")
    """
    for spaced, closed in CLEANUP:
        text = text.replace(spaced, closed)
    return text
