"""The extra that everything needs which runs a model."""

from __future__ import annotations

from importlib.util import find_spec

from wordpiece.errors import OptionError

#: What the extra installs, by the names that are imported.
LIBRARIES = {"torch": "PyTorch", "sklearn": "scikit-learn", "accelerate": "Accelerate"}
NAMES = {**LIBRARIES, "pyarrow": "PyArrow"}


def check_installed(
    *, what: str, libraries: tuple[str, ...] = tuple(LIBRARIES), extra: str = "bert"
) -> None:
    """Raise `OptionError` when one of the libraries is not there; they are not loaded for it."""
    missing = [NAMES[name] for name in libraries if find_spec(name) is None]
    if missing:
        raise OptionError(
            f'{what}: needs {" and ".join(missing)}: pip install "wordpiece-lab[{extra}]"'
        )
