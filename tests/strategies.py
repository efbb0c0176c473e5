"""Hostile text and corpora: what has broken tokenizers before, and what makes ties."""

from __future__ import annotations

from hypothesis import strategies as st

from wordpiece.analysis.hostile import PIECES, hostile_texts

NASTY = list(PIECES)

nasty_text = st.lists(
    st.one_of(
        st.sampled_from(NASTY),
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from([" ", "the", "ing", "ed", "token"]),
    ),
    max_size=12,
).map("".join)

#: Tiny alphabets, so that ties, runs such as `aaa`, and tokens made twice abound. `#` behind the
#: prefix `##` makes the same token in several ways, of several lengths.
words = st.one_of(
    st.text("ab", min_size=1, max_size=9),
    st.text("abc", min_size=1, max_size=5),
    st.text("a", min_size=1, max_size=15),
    st.text("a#", min_size=1, max_size=12),
    st.text("abcdefgh", min_size=1, max_size=8),
)
#: Vocabularies of WordPiece over two or three letters, with and without what lets words go on.
wordpiece_vocabs = st.sets(
    st.builds(
        lambda mark, word: mark + word,
        st.sampled_from(["", "##"]),
        st.one_of(st.text("ab", min_size=1, max_size=3), st.text("abc", min_size=1, max_size=4)),
    ),
    min_size=1,
    max_size=12,
)
counts = st.one_of(
    st.integers(1, 3), st.integers(1, 50), st.integers(1, 10**13), st.integers(2**52, 2**62)
)
word_counts = st.dictionaries(words, counts, min_size=1, max_size=12)


def nasty_strings(number: int, seed: int = 0) -> list[str]:
    """A fixed set of hostile strings."""
    return hostile_texts(number, seed=seed)
