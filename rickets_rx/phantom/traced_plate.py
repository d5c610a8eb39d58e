"""Epiphyses of radius and ulna with the form that films show: wedge, styloid, rounded rims."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.outline_build import Build, Grain
from rickets_rx.phantom.outline_solid import solid
from rickets_rx.phantom.place import Sheet
from rickets_rx.phantom.small_bones import Look, Plate

FloatArray = npt.NDArray[np.float64]
ACROSS = np.linspace(-1, 1, 61)
"""Places over a plate at which its faces are known, half widths."""

FILL = (1.1, 0.25)
"""Spongiosa of a nucleus over that of a carpal, and what a ripe plate has more: as bright beside the
metaphysis as on films (ours)."""
NEAR_LIP, FAR_LIP = 0.35, 0.45
"""Shares of an overhang by which the near half's proximal face rises on the mean and the far lip hangs below
it: between the mean of a half of a tilted face (0.25) and its edge (0.5) (ours)."""
CLEAR = 0.9
"""How far its struts stand out over those of the shafts (ours)."""


@dataclass(frozen=True, eq=False)
class TracedPlate(Plate):
    """An epiphysis whose faces were read off films.

    Parameters
    ----------
    lift, tall : ndarray of shape (61,)
        How far its proximal face stands off the sweep of the margin, and its thickness, mm, at `ACROSS`.
    grain : Grain
        Spongiosa of the hand that it belongs to.
    short : (middle, slope)
        By how much of its thickness the far half's distal face lies lower, and how that grows per half width.
    hang : ndarray of shape (61,)
        How much further the far half's lip hangs over the metaphysis than the near one's, mm, at `ACROSS`.
    """

    lift: FloatArray = field(default_factory=lambda: np.zeros(61))
    tall: FloatArray = field(default_factory=lambda: np.ones(61))
    grain: Grain = field(default_factory=Grain)
    short: tuple[float, float] = (0.0, 0.0)
    hang: FloatArray = field(default_factory=lambda: np.zeros(61))

    def faces(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """x, and s of the proximal and distal face there, mm, shape (61,)."""
        x = self.centre + ACROSS * self.width / 2
        low = np.interp(x, self.floor[:, 0], self.floor[:, 1]) + self.lift
        return x, low, low + self.tall

    def leaning(self, apart: float) -> tuple["TracedPlate", float]:
        """The plate with front and back ``apart`` mm along the shaft, and what is left of that for a blur.

        A ripe plate shows two lips, a round nucleus one soft edge.
        """
        lips = self._ripe() * apart
        return replace(self, hang=self.hang + lips * lip_at(ACROSS)), apart - lips

    def outline(self, n: int = 72, far: bool = False) -> FloatArray:
        """Closed outline of the near half, (x, s) in mm, shape (n, 2); of the ``far`` one, which ends sooner
        and may hang over the metaphysis, on request."""
        x, low, high = self.faces()
        if far:
            high = high - self._shorter(ACROSS) * (high - low)
            low = low - FAR_LIP * self.hang
        else:
            # A thin tip is not eaten by the rise of its near lip.
            low = low + np.minimum(NEAR_LIP * self.hang, 0.4 * self.tall)
        # Even steps round an ellipse crowd at the ends, where the faces meet.
        at = -np.cos(np.linspace(0, np.pi, n // 2 + 1)) * self.width / 2 + self.centre
        under, over = (np.stack([at, np.interp(at, x, face)], axis=1) for face in (low, high))
        return np.vstack([under[:-1], over[:0:-1]])

    def _shorter(self, e: FloatArray) -> FloatArray:
        """Share of the thickness by which the far half ends sooner, at places in half widths."""
        return np.asarray(np.clip(self.short[0] + self.short[1] * e, 0, 0.72) * lip_at(e))

    def body(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        at, low, high = self.faces()
        middle = np.interp(x, at, (low + high) / 2)
        return middle, np.maximum(np.interp(x, at, (high - low) / 2), 1e-3)

    def map(self, *, pitch: float, look: Look, seed: int, texture: bool = True) -> Sheet:
        """Mineral map in mm of cortical equivalent; without ``texture`` for truth."""
        deep = float(self.tall.max())
        filled = FILL[0] + FILL[1] * self._ripe()
        build = Build(
            depth=self.depth / deep,
            rim=0.17 + 0.012 * deep,
            rims=(1.0 + 0.6 * self._ripe(), 0.65, 1.0),
            edge=(0.3, 0.3, 0.3),
            fill=(filled, filled, filled),
            fan=True,
        )
        grain = replace(self.grain, clear=CLEAR * self.grain.clear if texture else 0.0)
        back = self.outline(far=True)
        sheet = solid(self.outline(), build, pitch=pitch, look=look, grain=grain, seed=seed, back=back)
        sheet.values[...] += (1 - 0.8 * look.fade) * self._lip(sheet, np.random.default_rng((seed, 1)))
        return sheet

    def _ripe(self) -> float:
        """0 for an early nucleus, 1 for a plate with two faces, by its height (ours)."""
        return float(np.clip((self.height - 3.0) / 3.0, 0, 1))

    def _lip(self, sheet: Sheet, rng: np.random.Generator) -> npt.NDArray[np.float32]:
        """The lip of the far joint face, which films show as a white line aslant within the outline."""
        columns, rows = (np.arange(n, dtype=np.float64) for n in sheet.values.shape[::-1])
        x, s = sheet.x0 + sheet.pitch * columns, sheet.s0 + sheet.pitch * rows
        middle, half = self.body(x)
        e = (x - self.centre) / (self.width / 2)
        # It stands where the far half ends; sways a little, since joint faces are hollow.
        course = 1 - 2 * self._shorter(e) - 0.12 * np.cos(rng.uniform(1, 3) * e + rng.uniform(0, 6.3))
        way = s[:, None] - (middle + course * half)[None, :]
        strength = self._ripe() * float(rng.uniform(0.6, 1.8)) * np.clip((0.95 - np.abs(e)) / 0.2, 0, 1)
        line = strength[None, :] * np.exp(-((way / 0.4) ** 2))
        return np.asarray(line * (sheet.values > 0.2), dtype=np.float32)


def lip_at(e: FloatArray) -> FloatArray:
    """How far a lip stands off its face at places in half widths: wholly but near the sides, where it ends
    (ours)."""
    return np.asarray(1 - np.clip(e, -1, 1) ** 6)


def faces_of(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lift of the proximal face over its own sweep, and thickness, at `ACROSS` of a closed outline (n, 2).

    The sweep is the parabola through the middle four fifths of the face; what falls below it does not count,
    as the drawn margin has a sweep of its own. Both in the outline's own unit.
    """
    x = points[:, 0]
    low, high = float(x.min()), float(x.max())
    at = (low + high) / 2 + 0.995 * ACROSS * (high - low) / 2
    first, last = int(x.argmin()), int(x.argmax())
    one = np.roll(points, -first, axis=0)[: (last - first) % len(points) + 1]
    two = np.roll(points, -last, axis=0)[: (first - last) % len(points) + 1][::-1]
    a, b = (np.interp(at, np.maximum.accumulate(side[:, 0]), side[:, 1]) for side in (one, two))
    under, over = np.minimum(a, b), np.maximum(a, b)
    inner = np.abs(ACROSS) < 0.8
    sweep = np.polyval(np.polyfit(ACROSS[inner], under[inner], 2), ACROSS)
    lift = np.where(inner, 0.4, 1.0) * np.maximum(under - sweep, 0)
    return lift, np.maximum(over - under, 0.02 * (high - low))
