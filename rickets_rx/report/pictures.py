"""Pictures for a page that must stand alone: films with overlays as data addresses."""

from base64 import b64encode
from dataclasses import dataclass

import cv2

from rickets_rx.radiograph import Radiograph
from rickets_rx.report.canvas import RGB
from rickets_rx.report.overlay import draw_crops, draw_joint, draw_overlay
from rickets_rx.score import FilmScore


@dataclass(frozen=True, eq=False)
class FilmPicture:
    """The pictures of one film of a case.

    Parameters
    ----------
    patient_id, film_id : str
        As in the case folder.
    joint : ndarray of shape (rows, columns, 3), uint8
        RGB, from `draw_joint`: what stands at the top of the report.
    overlay : ndarray of shape (rows, columns, 3), uint8, optional
        RGB, from `draw_overlay`: the whole film.
    crops : ndarray of shape (rows, columns, 3), uint8, optional
        RGB, from `draw_crops`: every bone upright, plain beside annotated.
    """

    patient_id: str
    film_id: str
    joint: RGB
    overlay: RGB | None = None
    crops: RGB | None = None


def film_picture(
    patient_id: str, film_id: str, *, radiograph: Radiograph, film_score: FilmScore, synthetic: bool
) -> FilmPicture:
    """Draw the pictures of a film of a case; the activity is left to the course of its bones."""
    joint = draw_joint(radiograph, film_score)
    overlay = draw_overlay(radiograph, film_score, synthetic=synthetic, activity=False)
    return FilmPicture(
        patient_id, film_id, joint, overlay, draw_crops(radiograph, film_score, activity=False)
    )


def jpeg_address(rgb: RGB, *, width: int | None = None, quality: int = 86) -> str:
    """An RGB picture as ``data:image/jpeg`` address, made smaller to ``width`` where it is wider.

    Raises
    ------
    ValueError
        When OpenCV cannot encode the picture.
    """
    if width is not None and rgb.shape[1] > width:
        size = (width, max(round(rgb.shape[0] * width / rgb.shape[1]), 1))
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(rgb.dtype)
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"a picture of shape {rgb.shape} cannot be written as JPEG")
    return "data:image/jpeg;base64," + b64encode(data.tobytes()).decode("ascii")
