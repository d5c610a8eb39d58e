"""Coverage-guided fuzzing of the door through which films come in. Not part of the test run: a command.

    python tests/batch/fuzz.py CORPUS_FOLDER -runs=20000 -max_len=20000 -timeout=20 -rss_limit_mb=3000

needs atheris (Linux). The folder is filled with small films of every format first; whatever reaches new code
is kept there. The only thing that reading may raise is an InputError that names the file on one line; what
breaks this is written to ``crash-<sha1>`` and belongs into `hostile.py`.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["rickets_rx.io", "pydicom", "PIL"]):
    import pydicom.pixels.decoders
    import pydicom.pixels.processing  # noqa: F401
    from PIL import JpegImagePlugin, PngImagePlugin, TiffImagePlugin  # noqa: F401

    import rickets_rx.io.dicom
    import rickets_rx.io.raster  # noqa: F401
    from rickets_rx.errors import InputError
    from rickets_rx.io.read import read_radiograph

import hostile
import numpy as np

_FOLDER = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
_FILM = _FOLDER / "film"
COUNTS = {"read": 0, "refused": 0}


def one_input(data: bytes) -> None:
    """Read one mutated file; anything but a film or an InputError is a finding."""
    _FILM.write_bytes(data)
    try:
        film = read_radiograph(_FILM)
    except InputError as error:
        COUNTS["refused"] += 1
        assert str(error).startswith("film: "), error
        assert "\n" not in str(error), error
        return
    COUNTS["read"] += 1
    assert np.isfinite(film.pixels).all()
    assert film.pixels.min() < film.pixels.max()


def fill(folder: Path) -> None:
    """Small whole films of every format, and the hostile ones that are small, as seeds."""
    folder.mkdir(parents=True, exist_ok=True)
    hostile.NOISE = hostile.NOISE[:40, :48].copy()
    for name, make in hostile.FORMATS.items():
        (folder / f"seed_{name}").write_bytes(make())
    for name, (make, _) in hostile.MADE.items():
        data = make()
        if len(data) < 20_000:
            (folder / f"seed_{name}").write_bytes(data)


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
