"""Sample data of the plugin: the synthetic films that travel with the package."""

from rickets_rx._napari.reader import LayerData, read_films
from rickets_rx.resources import resource


def wrists() -> list[LayerData]:
    """Phantom wrists across the scale, from normal to severe."""
    return _phantoms("wrist")


def elbows() -> list[LayerData]:
    """Phantom elbows across the scale."""
    return _phantoms("elbow")


def siblings() -> list[LayerData]:
    """Synthetic films for the five described figures of the two sisters."""
    return _films("hvdrr_siblings/films/*.png")


def _phantoms(joint: str) -> list[LayerData]:
    return _films(f"phantoms/{joint}_*.png")


def _films(pattern: str) -> list[LayerData]:
    paths = sorted(resource("sample_images").glob(pattern))
    return [layer for path in paths for layer in read_films(str(path))]
