"""`Tokenizer`: the pipeline, the files that it is kept in, the processes that share its work."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path

from wordpiece.collector import collector_paused
from wordpiece.errors import InputError
from wordpiece.formats import model_dir, tokenizer_json, tokenizer_json_reader
from wordpiece.formats.tokenizer_config import ROLES, habits_of
from wordpiece.loading import read
from wordpiece.packing import narrowest
from wordpiece.quick_ids import batches
from wordpiece.tokenizer import Pipeline, checked, several

StrPath = str | PathLike[str]
#: What `transformers` calls what a model expects of its inputs.
HABITS = ("model_max_length", "padding_side", "truncation_side", "model_input_names", *ROLES)


class Tokenizer(Pipeline):
    """A tokenizer that can be kept in files, which `tokenizers` and `transformers` read too."""

    @classmethod
    def from_file(
        cls,
        path: StrPath,
        *,
        lowercase: bool | None = None,
        strip_accents: bool | None = None,
        cjk_spacing: bool | None = None,
    ) -> Tokenizer:
        """Read a tokenizer: a folder that `wp train` wrote, a tokenizer.json, or a BERT vocab.txt.

        A vocab.txt does not say what is done to text before it; `lowercase` and the others do
        (default: cased). The BERT special tokens that it holds are recognized in raw text.

            tok = Tokenizer.from_file("vocab.txt", lowercase=True)
            tok.encode("I love Paris").tokens    # ['[CLS]', 'i', 'love', 'paris', '[SEP]']

        Raises `InputError` for a path that cannot be read, `FormatError` for a broken file or a
        part that is not supported, `OptionError` for an option that contradicts a tokenizer.json.
        """
        parts = read(
            Path(path), lowercase=lowercase, strip_accents=strip_accents, cjk_spacing=cjk_spacing
        )
        return cls(parts)

    @classmethod
    def from_transformers(cls, tokenizer: object) -> Tokenizer:
        """The same tokenizer as a fast one of `transformers`, or one of `tokenizers`.

            Tokenizer.from_transformers(AutoTokenizer.from_pretrained("bert-base-uncased"))

        The padding and truncation that were switched on are left behind: they are options of
        `encode` here. Raises `InputError` for what is no fast tokenizer, `FormatError` for a part
        that is not supported.
        """
        backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
        to_str = getattr(backend, "to_str", None)
        if to_str is None:
            raise InputError(
                f"a tokenizer must be a fast one of transformers, not {type(tokenizer).__name__}"
            )
        document = {**json.loads(to_str()), "padding": None, "truncation": None}
        name = str(getattr(tokenizer, "name_or_path", "") or "tokenizer")
        parts = tokenizer_json_reader.parse(json.dumps(document), source=name)
        config = {key: getattr(tokenizer, key, None) for key in HABITS}
        return cls(replace(parts, habits=habits_of(config, source=name)))

    def encode_ids(
        self,
        texts: Iterable[str],
        *,
        add_special_tokens: bool = False,
        workers: int | None = 1,
    ) -> list[list[int]]:
        """The ids alone, for corpora: as in `encode(text).ids`, found once per distinct chunk.

        With several `workers` (None: one for each processor) the texts are shared among processes
        (this one works too), which pays from some megabytes on; the result is the same. Raises
        `InputError` for what is no text, and `OptionError` for a number of workers that is none.
        """
        if workers == 1:
            return super().encode_ids(texts, add_special_tokens=add_special_tokens)
        from wordpiece import encode_worker
        from wordpiece.processes import Workers, checked_workers

        number = checked_workers(workers)
        if number == 1:
            return super().encode_ids(texts, add_special_tokens=add_special_tokens)
        dtype = narrowest(self.get_vocab())
        tokenizer_json.check_classes(self.parts)
        settings = encode_worker.settings_for(
            self.parts, dtype, add_special_tokens=add_special_tokens
        )
        encode = partial(super().encode_ids, add_special_tokens=add_special_tokens)
        read = partial(encode_worker.ids_of_each, dtype=dtype)
        requests = batches(map(checked, several(texts)), many=True)
        found: list[list[int]] = []
        helpers = Workers(number - 1, encode_worker.MODULE, settings, held=2)
        with helpers as pool, collector_paused():
            for ids in pool.shared(requests, here=encode, there=read):
                found += ids
        return found

    def save(self, path: StrPath) -> None:
        """Write a tokenizer.json, in one step. Raises `OutputError`."""
        from wordpiece.formats.atomic import write_file  # not needed to read

        write_file(Path(path), tokenizer_json.dump(self.parts))

    def save_pretrained(self, folder: StrPath) -> None:
        """Write what `transformers.AutoTokenizer.from_pretrained(folder)` loads, all at once.

        Other files in the folder stay. Raises `OutputError`.
        """
        from wordpiece.formats.atomic import write_folder

        write_folder(Path(folder), model_dir.files(self.parts), ours=model_dir.OURS)
