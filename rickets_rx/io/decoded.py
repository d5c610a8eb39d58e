"""What a reader of one file format hands to `io.read`, before the user's own wishes are applied."""

from dataclasses import dataclass, field

from rickets_rx.radiograph import FloatImage, Polarity, Spacing
from rickets_rx.vocabulary import Joint, Side, View


@dataclass(frozen=True, eq=False)
class Decoded:
    """Pixels and header facts of one file.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns), float32
        Already inverted where ``polarity.inverted``.
    stored_limits : (low, high)
        What the stored bits can span after the modality LUT; inversion reflects within it.
    polarity : Polarity, optional
        None where the format does not state it and the picture must decide.
    """

    pixels: FloatImage
    stored_limits: tuple[float, float]
    spacing: Spacing = field(default_factory=Spacing)
    polarity: Polarity | None = None
    side: Side | None = None
    view: View | None = None
    joint: Joint | None = None
    display_window: tuple[float, float] | None = None
    low_bits: bool = False
    notes: tuple[str, ...] = ()
