"""Colours that stay apart for colour-blind readers, and what each of them means on a film.

The hues are those of Okabe and Ito, "Color Universal Design" (2008).
"""

from typing import NamedTuple


class Colour(NamedTuple):
    """8-bit red, green, blue."""

    red: int
    green: int
    blue: int

    @property
    def hex(self) -> str:
        """The colour as CSS writes it, ``#rrggbb``."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


BLACK = Colour(0, 0, 0)
ORANGE = Colour(230, 159, 0)
SKY_BLUE = Colour(86, 180, 233)
BLUISH_GREEN = Colour(0, 158, 115)
YELLOW = Colour(240, 228, 66)
BLUE = Colour(0, 114, 178)
VERMILION = Colour(213, 94, 0)
REDDISH_PURPLE = Colour(204, 121, 167)

WHITE = Colour(255, 255, 255)
GREY = Colour(168, 168, 168)
INK = Colour(28, 32, 36)

CHORD = SKY_BLUE
MARGIN = YELLOW
ENVELOPE = ORANGE
EPIPHYSIS = BLUISH_GREEN
CORTEX = REDDISH_PURPLE
MEASURE = WHITE
REFUSED = GREY

# What a legend on a film says, in the order in which the lines are drawn from the shaft outwards.
LINE_MEANING: tuple[tuple[str, Colour], ...] = (
    ("shaft cortex", CORTEX),
    ("chord", CHORD),
    ("margin", MARGIN),
    ("outer envelope", ENVELOPE),
    ("epiphysis", EPIPHYSIS),
    ("cupping, gap", MEASURE),
)
