"""One radiograph as every later part sees it: pixels in which denser is higher, and what is known of it."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from rickets_rx.vocabulary import Joint, Side, SpacingSource, View

FloatImage = npt.NDArray[np.float32]

#: How the note begins that a reader leaves where a header declares letters in the picture.
BURNED_IN = "burned-in annotation declared"


class PolaritySource(StrEnum):
    """What decided whether the stored pixels had to be inverted."""

    DICOM = "dicom"
    PICTURE = "picture"
    USER = "user"
    PHANTOM = "phantom"


class JointSource(StrEnum):
    """Who said which joint a film shows: a person (manifest, command, viewer), or the file's header."""

    USER = "user"
    HEADER = "header"


@dataclass(frozen=True)
class Spacing:
    """Millimetres per pixel, and where they came from.

    ``mm`` is None exactly when ``source`` is ``NONE``; then no length in mm may be written.
    """

    mm: float | None = None
    source: SpacingSource = SpacingSource.NONE

    def __post_init__(self) -> None:
        if (self.mm is None) != (self.source is SpacingSource.NONE):
            raise ValueError(f"a spacing has a source and a source a spacing: {self.mm}, {self.source}")
        if self.mm is not None and not 0 < self.mm < float("inf"):
            raise ValueError(f"spacing must be a positive number of millimetres, not {self.mm}")


@dataclass(frozen=True)
class Polarity:
    """``dense_bright`` tells how the file stored bone; ``inverted`` whether the pixels were turned over."""

    dense_bright: bool = True
    inverted: bool = False
    source: PolaritySource = PolaritySource.PICTURE


@dataclass(frozen=True, eq=False)
class Radiograph:
    """One single-frame radiograph.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns), float32
        After the modality LUT and polarity: denser tissue is higher. Never clipped to a display window.
        Made read-only: copied, unless it is so already and owns its memory. Pixel centres lie at integer
        coordinates, x right, y down.
    sha256 : str
        SHA-256 of the bytes of the file, lower-case hexadecimal.
    name : str
        How messages call the film (its file name).
    spacing : Spacing
    polarity : Polarity
    side, view, joint : optional
        From header, manifest or a read marker, never guessed from the picture's shape.
    joint_source : JointSource, optional
        Who said so. A header's joint is a hint, since headers are often wrong; a person's binds, and so does
        a joint without a source.
    display_window : (low, high), optional
        For showing only, in the units of ``pixels``; never clips what is measured.
    low_bits : bool
        True for 8-bit films, whose greys may be clipped at both ends.
    notes : tuple of str
        What the reader wants a person to know ("dpi tag ignored", "burned-in annotation declared").
    """

    pixels: FloatImage
    sha256: str
    name: str
    spacing: Spacing = field(default_factory=Spacing)
    polarity: Polarity = field(default_factory=Polarity)
    side: Side | None = None
    view: View | None = None
    joint: Joint | None = None
    display_window: tuple[float, float] | None = None
    low_bits: bool = False
    notes: tuple[str, ...] = ()
    joint_source: JointSource | None = None

    def __post_init__(self) -> None:
        pixels = np.ascontiguousarray(self.pixels, dtype=np.float32)
        if pixels.ndim != 2:
            raise ValueError(f"{self.name}: a radiograph has two dimensions, not shape {pixels.shape}")
        given_away = pixels.base is None and not pixels.flags.writeable
        if not given_away and (pixels is self.pixels or pixels.base is not None):
            pixels = pixels.copy()
        pixels.setflags(write=False)
        object.__setattr__(self, "pixels", pixels)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def burned_in(self) -> bool:
        """Whether the header declares letters in the picture, which may name the patient."""
        return any(note.startswith(BURNED_IN) for note in self.notes)

    def shown(self) -> npt.NDArray[np.uint8]:
        """The film as 8-bit grey for a person to look at, shape (rows, columns), bone bright.

        Uses the display window where one is known, else the 0.5 and 99.7 percentiles (ours).
        """
        low, high = self.display_window or tuple(np.percentile(self.pixels[::2, ::2], (0.5, 99.7)))
        scaled = (self.pixels - low) / max(high - low, np.finfo(np.float32).eps)
        return np.asarray(np.clip(scaled, 0, 1) * 255, dtype=np.uint8)
