"""Reader of the plugin: radiographs as image layers with their scale in mm, bone bright."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rickets_rx.errors import InputError
from rickets_rx.radiograph import Radiograph

LayerData = tuple[Any, dict[str, Any], str]


def get_reader(path: str | Sequence[str]) -> Callable[[str | Sequence[str]], list[LayerData]] | None:
    """The reader for one film or several; None where one of them is no image by its content."""
    from rickets_rx.io.find import looks_like_image

    paths = [path] if isinstance(path, str) else list(path)
    return read_films if paths and all(looks_like_image(Path(one)) for one in paths) else None


def read_films(path: str | Sequence[str]) -> list[LayerData]:
    """Image layers of one or several films.

    Raises
    ------
    OSError
        With what is wrong and how to mend it; napari shows the text.
    """
    from rickets_rx.io.read import read_radiograph

    paths = [path] if isinstance(path, str) else list(path)
    try:
        return [film_layer(read_radiograph(one)) for one in paths]
    except InputError as error:
        raise OSError(str(error)) from None


def film_layer(radiograph: Radiograph) -> LayerData:
    """A film as (data, attributes, "image"); one unit of the world is 1 mm where a spacing is known."""
    return (
        radiograph.pixels,
        {
            "name": radiograph.name,
            "scale": scale_of(radiograph),
            "units": units_of(radiograph),
            "contrast_limits": grey_range(radiograph),
            "colormap": "gray",
            "metadata": {
                "image_sha256": radiograph.sha256,
                "spacing_source": str(radiograph.spacing.source),
                "notes": list(radiograph.notes),
            },
        },
        "image",
    )


def scale_of(radiograph: Radiograph) -> tuple[float, float]:
    """mm per pixel, or 1 where the film has no spacing (the layer then counts in pixels)."""
    mm = radiograph.spacing.mm or 1.0
    return mm, mm


def units_of(radiograph: Radiograph) -> tuple[str, str]:
    """What one unit of the layer's world is."""
    return ("mm", "mm") if radiograph.spacing.mm else ("pixel", "pixel")


def grey_range(radiograph: Radiograph) -> tuple[float, float]:
    """What is shown from black to white, as in `Radiograph.shown`."""
    import numpy as np

    low, high = radiograph.display_window or np.percentile(radiograph.pixels[::2, ::2], (0.5, 99.7))
    return float(low), max(float(high), float(low) + 1e-6)
