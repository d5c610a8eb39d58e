"""How large an input may be. Checked from headers before anything is decoded. All limits are ours."""

import math

from rickets_rx.errors import InputError

#: A 43 x 35 cm film digitised at 43 micrometres; the largest detectors give about 20 megapixels.
MAX_PIXELS = 100_000_000

#: Longest edge. More than a metre of film at 0.04 mm.
MAX_EDGE = 30_000

#: One frame as stored, before decoding: 100 megapixels of 16 bit, 4 samples.
MAX_FRAME_BYTES = 800_000_000

#: A file, and also the data set that a deflated file unfolds to.
MAX_FILE_BYTES = 900_000_000


def check_frame(file: str, field: str, *, rows: int, columns: int, samples: int = 1, bits: int = 8) -> None:
    """Refuse a frame that is empty or larger than any radiograph, from its header alone.

    Parameters
    ----------
    file, field : str
        How the error names the file and the place.
    rows, columns : int
        Pixels.
    samples : int
        Values per pixel (1 grey, 3 colour, 4 with alpha).
    bits : int
        Allocated for one value.

    Raises
    ------
    InputError
    """
    if rows < 1 or columns < 1:
        raise InputError(
            file, field, f"the picture has {rows} rows and {columns} columns", "Export the film again"
        )
    total = math.prod((rows, columns, samples, bits)) // 8
    if rows * columns > MAX_PIXELS or max(rows, columns) > MAX_EDGE or total > MAX_FRAME_BYTES:
        raise InputError(
            file,
            field,
            f"{rows} x {columns} pixels of {samples * bits} bit is larger than a radiograph can be "
            f"(limit {MAX_PIXELS // 1_000_000} megapixels, {MAX_EDGE} a side)",
            "Crop or scale the film, or check that the header is not damaged",
        )
