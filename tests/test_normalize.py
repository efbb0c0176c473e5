"""BERT's normalizer: what it does to a text, and that it is Hugging Face's."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import PreTokenizedString, Regex, normalizers

from tests.strategies import nasty_strings, nasty_text
from wordpiece.errors import InputError
from wordpiece.text.normalize import BertNormalizer

SCALARS = [code for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
BLOCK = 4096
OPTIONS = list(product((True, False), (True, False), (True, False, None), (True, False)))
#: BERT cased, BERT uncased, uncased without stripping, stripping alone.
USUAL = [(True, True, None, False), (True, True, None, True), (True, True, False, True)]
USUAL.append((False, False, True, False))

CASED, UNCASED = BertNormalizer(), BertNormalizer(lowercase=True)


def ours_and_theirs(
    options: tuple[bool, bool, bool | None, bool],
) -> tuple[BertNormalizer, normalizers.BertNormalizer]:
    clean, cjk, strip, lower = options
    ours = BertNormalizer(clean_text=clean, cjk_spacing=cjk, strip_accents=strip, lowercase=lower)
    theirs = normalizers.BertNormalizer(
        clean_text=clean, handle_chinese_chars=cjk, strip_accents=strip, lowercase=lower
    )
    return ours, theirs


@pytest.mark.parametrize(
    ("normalizer", "text", "normalized"),
    [
        (CASED, "Café", "Café"),
        (UNCASED, "Café", "cafe"),
        (BertNormalizer(lowercase=True, strip_accents=False), "CAFÉ", "café"),
        (BertNormalizer(strip_accents=True), "CAFÉ", "CAFE"),
        (CASED, "x\x0by\x1fz", "xyz"),  # controls vanish without a space
        (CASED, "a\tb\r\nc", "a b  c"),
        (CASED, "a\xa0b\u3000c\u2028d", "a b c d"),
        (CASED, "a\xad\u200b\ufeff\ue000b", "ab"),
        (CASED, "a\u0378b", "a\u0378b"),  # unassigned: kept, whatever the source comment says
        (CASED, "北京ab", " 北  京 ab"),
        (CASED, "\U0002b820", "\U0002b820"),  # the ideographs that Hugging Face's range misses
        (CASED, "〇々かハ한", "〇々かハ한"),
        (UNCASED, "ΟΔΟΣ", "οδοσ"),  # no rule for a final sigma
        (UNCASED, "İ", "i"),
        (BertNormalizer(lowercase=True, strip_accents=False), "İ", "i\u0307"),
        (UNCASED, "ẞßﬁ", "ßßﬁ"),
        (UNCASED, "한", "\u1112\u1161\u11ab"),  # NFD, never composed again
        (BertNormalizer(lowercase=True, strip_accents=False), "한", "한"),
        (UNCASED, "\U00011938", "\U00011938"),  # younger than the table: not decomposed
    ],
)
def test_what_becomes_of_a_text(normalizer: BertNormalizer, text: str, normalized: str) -> None:
    assert normalizer.normalize(text) == normalized
    assert normalizer.normalize_aligned(text).text == normalized


@pytest.mark.parametrize(
    ("text", "origins"),
    [("abc", [0, 1, 2]), ("É", [0]), ("a\x00b", [0, 2]), ("京", [0, 0, 0]), ("한", [0, 0, 0])],
)
def test_where_each_character_came_from(text: str, origins: list[int]) -> None:
    assert list(UNCASED.normalize_aligned(text).origins) == origins


def test_a_lone_surrogate_is_refused() -> None:
    for method in (CASED.normalize, CASED.normalize_aligned):
        with pytest.raises(InputError, match=r"U\+D800"):
            method("a\ud800")


@pytest.mark.parametrize("options", USUAL)
def test_every_scalar_value_is_normalized_as_hugging_face_does(
    options: tuple[bool, bool, bool | None, bool],
) -> None:
    assert_equal_on_all_scalars(options)


@pytest.mark.slow
@pytest.mark.parametrize("options", [o for o in OPTIONS if o not in USUAL])
def test_every_scalar_value_under_every_option(
    options: tuple[bool, bool, bool | None, bool],
) -> None:
    assert_equal_on_all_scalars(options)


def assert_equal_on_all_scalars(options: tuple[bool, bool, bool | None, bool]) -> None:
    ours, theirs = ours_and_theirs(options)
    for first in range(0, len(SCALARS), BLOCK):
        text = "".join(f"x{chr(code)}y" for code in SCALARS[first : first + BLOCK])
        if ours.normalize(text) != theirs.normalize_str(text):
            wrong = [
                c for c in SCALARS[first : first + BLOCK] if differ(ours, theirs, f"x{chr(c)}y")
            ]
            pytest.fail(f"{options}: {[hex(code) for code in wrong]}")


def differ(ours: BertNormalizer, theirs: normalizers.BertNormalizer, text: str) -> bool:
    return ours.normalize(text) != theirs.normalize_str(text)


@given(text=nasty_text, options=st.sampled_from(OPTIONS))
def test_hostile_text_is_normalized_as_hugging_face_does(
    text: str, options: tuple[bool, bool, bool | None, bool]
) -> None:
    assert_equal_with_origins(text, options)


def test_many_hostile_texts_are_normalized_as_hugging_face_does() -> None:
    for at, text in enumerate(nasty_strings(4000, seed=1)):
        assert_equal_with_origins(text, OPTIONS[at % len(OPTIONS)])


#: Marks of many classes that stripping keeps or deletes, what decomposes into marks, and bases.
MARKS = "\u0300\u0316\u0323\u0334\u0344\u0345\u08d4\u08d5\u08e1\u0f71\u0f73\u0f74\u0f81\u1b44\u302e"
MARKS += "\u302f\U0001d15e\U0001d165\U0001d16d\U0001e000\U00011938\u0c4d\u05bf\u0591aéạ가 中"


@given(text=st.text(MARKS, max_size=9), options=st.sampled_from(OPTIONS))
def test_marks_are_sorted_as_hugging_face_sorts_them(
    text: str, options: tuple[bool, bool, bool | None, bool]
) -> None:
    """Canonical ordering moves marks past each other, and their origins with them."""
    assert_equal_with_origins(text, options)


def assert_equal_with_origins(text: str, options: tuple[bool, bool, bool | None, bool]) -> None:
    ours, theirs = ours_and_theirs(options)
    aligned = ours.normalize_aligned(text)
    assert aligned.text == ours.normalize(text)
    split = PreTokenizedString(text)
    split.normalize(theirs.normalize)
    split.split(lambda _, piece: piece.split(Regex(r"[\s\S]"), "isolated"))
    expected = [
        (char, span)
        for char, span, _ in split.get_splits(offset_referential="original", offset_type="char")
    ]
    mine = [(c, (o, o + 1)) for c, o in zip(aligned.text, aligned.origins, strict=True)]
    assert mine == (expected if aligned.text else [])
