"""The life of one token: how it was built, what took it, where it occurs, who stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nlargest

from wordpiece.analysis.composition import nearest, same_start
from wordpiece.analysis.encoders import OurEncoder
from wordpiece.analysis.inspection import Text
from wordpiece.analysis.lineage import Consumption, Lineage
from wordpiece.analysis.reachability import Reach, met_in, reach_of
from wordpiece.analysis.studied import Inspectable, Studied, studied_of
from wordpiece.errors import InputError
from wordpiece.types import Merge, MergeDetail

#: So many words, consumers and neighbors are named.
MOST = 10
#: A token that was built in more steps than this, one on another, is not followed further.
DEPTH = 60


@dataclass(frozen=True)
class Node:
    """A token and the merge that made it of two others; leaves are of the alphabet.

    After 60 steps, one on another, it is not followed further.
    """

    token: str
    merge: Merge | None = None
    left: Node | None = None
    right: Node | None = None


@dataclass(frozen=True)
class Biography:
    """What there is to say of a token.

    `kind` is `"special"`, `"unused"`, `"alphabet"`, `"merged"`, or `"token"` where the trace does
    not say. `merge` made it, `detail` is what that was chosen against (where it was recorded).
    `left_at_end` counts its occurrences in the training's own split at the end, `consumptions` the
    merges that took it, those that took most first. `emitted` counts it in the text that was looked
    at, and `words` are the most frequent words there with it. `neighbors` stand beside it in id
    order, `extensions` begin like it.
    """

    token: str
    id: int
    kind: str
    reach: Reach | None
    merge: Merge | None
    detail: MergeDetail | None
    tree: Node | None
    left_at_end: int | None
    consumptions: tuple[Consumption, ...]
    source: str
    emitted: int | None
    words: tuple[tuple[str, int], ...]
    neighbors: tuple[str, ...]
    extensions: tuple[str, ...]
    missing: tuple[str, ...]


def biography(studied: Inspectable, token: str, text: Text | None = None) -> Biography:
    """The life of a token. Raises `InputError` for one that is not there, with the nearest.

    >>> from wordpiece import presets
    >>> from wordpiece.pretrained import Tokenizer
    >>> tokenizer = Tokenizer(presets.wordpiece(["[UNK]", "un", "##able", "unable"]))
    >>> biography(Studied("small", tokenizer), "##able").reach.witness
    'unableable'
    >>> biography(Studied("small", tokenizer), "able")
    Traceback (most recent call last):
    ...
    wordpiece.errors.InputError: 'able': is not in the vocabulary; near it: ##able, unable
    """
    studied = studied_of(studied)
    encoder = studied.encoder
    id = encoder.vocab.get(token)
    if id is None:
        raise not_there(encoder, token)
    trace = studied.trace
    lineage = None if trace is None else Lineage(trace)
    merge = lineage.born(token) if lineage else None
    taken = lineage.consumptions(token) if lineage else []
    tokens = list(encoder.vocab)
    at = tokens.index(token)
    missing = [studied.untraced] if studied.untraced else []
    if text is not None and text.problem:
        missing.append(text.problem)
    emitted, words = found_in(studied, id, text) if text and text.words else (None, ())
    return Biography(
        token=token,
        id=id,
        kind=kind_of(studied, token, id, merge),
        reach=reach_in(encoder, token, id, text) if id in encoder.regular_ids else None,
        merge=merge,
        detail=trace.details.get(merge.step) if trace and merge else None,
        tree=tree(lineage, token) if lineage and merge else None,
        left_at_end=lineage.left_at_end(token) if lineage else None,
        consumptions=tuple(sorted(taken, key=lambda each: -each.taken)),  # equals by step
        source="" if text is None else text.source,
        emitted=emitted,
        words=words,
        neighbors=tuple(tokens[max(0, at - 2) : at] + tokens[at + 1 : at + 3]),
        extensions=tuple(same_start(tokens, token, MOST)),
        missing=tuple(missing),
    )


def reach_in(encoder: OurEncoder, token: str, id: int, text: Text | None) -> Reach:
    """A text that produces a token: one that was made for it, or if none was, a word met."""
    return met_in(encoder, reach_of(encoder, token, id), text.words if text else ())


def not_there(encoder: OurEncoder, token: str) -> InputError:
    """The error for a token that the vocabulary lacks."""
    other = encoder.notation.continuing
    tokens = encoder.vocab
    near = [form for form in (other + token, token.removeprefix(other)) if other and form in tokens]
    if encoder.notation.byte_level:
        near += [form for form in (f"Ġ{token}", token.replace(" ", "Ġ")) if form in tokens]
    if encoder.tokenizer.parts.normalizer.lowercase and token.lower() in tokens:
        near.append(token.lower())
    named = dict.fromkeys([*near, *nearest(tokens, token)])
    named.pop(token, None)
    hint = f"; near it: {', '.join(named)}" if named else "; wp explain says how it is split"
    return InputError(f"{token!r}: is not in the vocabulary{hint}")


def kind_of(studied: Studied, token: str, id: int, merge: Merge | None) -> str:
    """What a token is."""
    if id not in studied.encoder.regular_ids:
        return "unused" if token.startswith("[unused") else "special"
    if merge is not None:
        return "merged"
    return "alphabet" if studied.trace is not None else "token"


def tree(lineage: Lineage, token: str, depth: int = DEPTH) -> Node:
    """How a token was put together, merge by merge, down to the alphabet or so many steps."""
    merge = lineage.born(token)
    if merge is None or not depth:
        return Node(token)
    left, right = (tree(lineage, part, depth - 1) for part in (merge.left, merge.right))
    return Node(token, merge, left, right)


def found_in(studied: Studied, id: int, text: Text) -> tuple[int, tuple[tuple[str, int], ...]]:
    """How often a token is emitted on a text, and the most frequent words with it."""
    model = studied.tokenizer.parts.model
    bare = studied.encoder.tokenizer.id_to_token(id) or ""
    bare = bare.removeprefix(studied.prefix) or bare
    anywhere = id == studied.encoder.unk_id  # which stands in no word by its spelling
    emitted = text.added.get(id, 0)
    words = []
    for word, count in text.words.items():
        if anywhere or bare in word:
            number = model.ids(word).count(id)
            if number:
                emitted += number * count
                words.append((word, count))
    return emitted, tuple(nlargest(MOST, words, key=lambda item: item[1]))
