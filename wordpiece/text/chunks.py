"""Cut text at white space where the cut cannot change the words.

Text repeats itself, so normalizing and splitting are done once per distinct chunk. White space is a
boundary for BERT's rules: no stage looks across it. Python's `str.split` takes seven characters for
white space that BERT's cleaning deletes, so that their neighbors join; they are deleted first.
"""

from __future__ import annotations

from wordpiece.text.normalize import BertNormalizer

#: White space to `str.split`, nothing at all to clean_text: VT, FF, the information separators,
#: NEL.
DELETED_SEPARATORS = "\x0b\x0c\x1c\x1d\x1e\x1f\x85"
_DELETE = dict.fromkeys(map(ord, DELETED_SEPARATORS))


def chunks(text: str, normalizer: BertNormalizer) -> list[str]:
    """Stretches of the text that can be normalized and split each on its own.

    >>> chunks("one two\\x0bthree", BertNormalizer())
    ['one', 'twothree']

    Without clean_text the deleted separators stay, and the text is left whole.
    """
    if not normalizer.clean_text:
        return [text]
    if any(separator in text for separator in DELETED_SEPARATORS):
        text = text.translate(_DELETE)
    return text.split()
