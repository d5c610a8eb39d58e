"""What the overlay draws, and where: positions worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from rickets_rx.errors import Refusal
from rickets_rx.features.registry import FeatureValue
from rickets_rx.radiograph import Radiograph, Spacing
from rickets_rx.report.bones import details, title
from rickets_rx.report.canvas import Box, Canvas, save_png, text_size, wrap
from rickets_rx.report.crops import upright
from rickets_rx.report.labels import Label, place
from rickets_rx.report.marks import cupping_mark, envelope_differs, gap_mark
from rickets_rx.report.overlay import draw_crops, draw_joint, draw_overlay
from rickets_rx.report.palette import CHORD, EPIPHYSIS, GREY, MARGIN, ORANGE, REFUSED
from rickets_rx.score import BoneScore, FilmScore, JointScore
from rickets_rx.segment.metaphysis import JointInstance, RefusedBone
from rickets_rx.vocabulary import Bone, Joint, RefusalReason, SpacingSource


def _close(rgb: np.ndarray, colour: tuple[int, int, int], far: float = 60) -> np.ndarray:
    """Rows and columns of pixels near a colour, shape (n, 2)."""
    return np.argwhere(np.abs(rgb.astype(float) - np.array(colour)).max(axis=2) < far)


def _bone(scored: FilmScore) -> BoneScore:
    bone = scored.joints[0].bones[0]
    assert isinstance(bone, BoneScore)
    return bone


def test_overlay_keeps_the_film_and_adds_a_foot(film: Radiograph, scored: FilmScore) -> None:
    rgb = draw_overlay(film, scored, width=400)
    assert rgb.dtype == np.uint8
    # 200 x 300 drawn 400 wide: 600 rows of film, then the foot.
    assert rgb.shape[1] == 400
    assert rgb.shape[0] > 600
    # An untouched place keeps its grey: pixel value 1 in a window of 0 to 2 is half of 255.
    assert tuple(rgb[20, 200]) == (127, 127, 127)


def test_margin_and_chord_lie_where_the_geometry_says(film: Radiograph, scored: FilmScore) -> None:
    # Scale 2: a film pixel (x, y) lies at (2x + 0.5, 2y + 0.5). The chord is at film y 150, the deepest point
    # of the margin 16 pixels below it (proximal is down) at film x 100.
    rgb = draw_overlay(film, scored, width=400)
    film_part = rgb[:600]
    chord = _close(film_part[:, 130:180], CHORD)
    assert set(chord[:, 0].tolist()) == {300, 301}
    column = _close(film_part[:, 206:209], MARGIN)
    assert column[:, 0].min() >= 330
    assert column[:, 0].max() <= 335


def test_bridged_margin_is_dashed(film: Radiograph, scored: FilmScore) -> None:
    bone = _bone(scored)
    bridged = replace(bone, metaphysis=replace(bone.metaphysis, clean=np.zeros(41, bool)))
    score = FilmScore((replace(scored.joints[0], bones=(bridged,)),))
    whole, dashed = (len(_close(draw_joint(film, s, width=400), MARGIN)) for s in (scored, score))
    # Dashes and gaps are of one length, so about half of the line is left.
    assert 0.3 < dashed / whole < 0.7


def test_cupping_mark_spans_chord_to_the_deepest_point(scored: FilmScore) -> None:
    mark = cupping_mark(_bone(scored).metaphysis, _bone(scored).features)
    assert mark is not None
    np.testing.assert_allclose(mark.ends, [[100, 150], [100, 166]], atol=1e-9)
    assert mark.value == 0.2


def test_gap_mark_stands_where_the_distance_is_the_median(scored: FilmScore) -> None:
    # Near side of the epiphysis at u = 0.1, margin at -0.2 (1 - v^2): 0.25 apart where v = 0.5 or -0.5, that
    # is 20 pixels beside the middle (MW/2 = 40): x = 80 or 120; margin at u = -0.15 (y 162), epiphysis y 142.
    mark = gap_mark(_bone(scored).metaphysis, _bone(scored).features)
    assert mark is not None
    assert mark.ends[:, 0] == pytest.approx([80, 80]) or mark.ends[:, 0] == pytest.approx([120, 120])
    assert mark.ends[:, 1] == pytest.approx([162, 142])


@pytest.mark.parametrize("name", ["cupping", "gap"])
def test_missing_features_have_no_mark(scored: FilmScore, name: str) -> None:
    bone = _bone(scored)
    without = bone.features | {name: FeatureValue(None, "too_few_pixels")}
    assert {"cupping": cupping_mark, "gap": gap_mark}[name](bone.metaphysis, without) is None
    assert all(name not in line for line in details(replace(bone, features=without), None))


def test_gap_needs_an_epiphysis(scored: FilmScore) -> None:
    metaphysis = replace(_bone(scored).metaphysis, epiphysis=None, epiphysis_reason="epiphysis_not_ossified")
    assert gap_mark(metaphysis, _bone(scored).features) is None


def test_gap_is_marked_to_the_near_face_that_it_was_measured_to(scored: FilmScore) -> None:
    # A face level at u = 0.15 (y 138): 0.25 from the margin where that lies at -0.1, v^2 = 0.5.
    bone = _bone(scored)
    frame = bone.metaphysis.frame
    face = frame.to_pixels(np.linspace(-0.9, 0.9, 19), 0.15)
    seen = replace(bone.metaphysis, near_face=face, epiphysis=None, epiphysis_reason="epiphysis_not_found")
    for metaphysis in (seen, replace(bone.metaphysis, near_face=face)):
        mark = gap_mark(metaphysis, bone.features)
        assert mark is not None
        # The margin is drawn in steps, so the nearest of its points is meant.
        assert np.abs(mark.ends[:, 0] - 100) == pytest.approx([28.3, 28.3], abs=1.5)
        assert mark.ends[1, 1] == pytest.approx(138.0)


def test_envelope_is_drawn_only_where_it_leaves_the_margin(scored: FilmScore) -> None:
    metaphysis = _bone(scored).metaphysis
    assert not envelope_differs(metaphysis)
    # 0.02 MW further out: 1.6 of 80 pixels upwards.
    assert envelope_differs(replace(metaphysis, envelope=metaphysis.margin - np.array([0, 1.6])))
    assert not envelope_differs(replace(metaphysis, envelope=metaphysis.margin + np.array([0, 1.6])))


def test_words_of_a_scored_bone_carry_interval_and_millimetres(scored: FilmScore) -> None:
    bone = _bone(scored)
    assert title(bone) == "Radius  1.5 (1–2)  active"
    # 0.2 MW of 80 pixels at 0.15 mm: 2.4 mm. Without a spacing there are no millimetres.
    assert details(bone, 0.15)[0] == "cupping 0.2 MW, 2.4 mm"
    assert details(bone, None)[0] == "cupping 0.2 MW"


def test_refused_bone_is_grey_with_its_reason(film: Radiograph) -> None:
    refused = RefusedBone(
        Bone.ULNA, Refusal(RefusalReason.OVERLAPPED, "by the radius"), (60.0, 150.0), (140.0, 150.0)
    )
    score = FilmScore((JointScore(JointInstance(Joint.WRIST, 1, (refused,)), (refused,)),))
    assert title(refused) == "Ulna  not scored"
    assert details(refused, None) == ["overlapped by another bone: by the radius"]
    rgb = draw_joint(film, score, width=400)
    assert len(_close(rgb, REFUSED, 25)) > 20
    assert len(_close(rgb, MARGIN)) == 0


def test_film_refusal_is_a_banner(film: Radiograph) -> None:
    refused = FilmScore((), Refusal(RefusalReason.LATERAL_VIEW, "the bones lie over each other"))
    rgb = draw_overlay(film, refused, width=400)
    assert len(_close(rgb[:60], ORANGE)) > 100
    assert len(_close(rgb[100:500], ORANGE)) == 0


def test_a_film_without_joints_says_so(film: Radiograph) -> None:
    assert len(_close(draw_overlay(film, FilmScore(()), width=400)[:40], ORANGE)) > 100


def test_synthetic_films_say_so_at_the_foot(film: Radiograph, scored: FilmScore) -> None:
    plain, made = (draw_overlay(film, scored, width=400, synthetic=s) for s in (False, True))
    assert made.shape[0] > plain.shape[0]


def test_upright_crop_turns_but_never_mirrors(scored: FilmScore) -> None:
    # A film with a bright spot on the left of a bone that points down: turned upright, it is on the right.
    pixels = np.zeros((300, 200), np.float32)
    pixels[150:156, 62:68] = 1.0
    radiograph = Radiograph(pixels, "0" * 64, "film", display_window=(0.0, 1.0))
    down = replace(_bone(scored).metaphysis.frame, distal=(0.0, 1.0))
    crop, to_canvas = upright(radiograph, down, 190)
    # 100 canvas pixels per MW of 80: spot centre (64.5, 152.5) is 35.5 left of and 2.5 distal to the origin.
    assert to_canvas(np.array([[64.5, 152.5]]))[0] == pytest.approx([94.5 + 35.5 * 1.25, 64.5 - 2.5 * 1.25])
    bright = np.argwhere(crop[..., 0] > 128).mean(axis=0)
    assert bright[::-1] == pytest.approx(to_canvas(np.array([[64.5, 152.5]]))[0], abs=1.0)


def test_crops_have_a_row_for_every_placed_bone(film: Radiograph, scored: FilmScore) -> None:
    bone = _bone(scored)
    lost = RefusedBone(Bone.ULNA, Refusal(RefusalReason.CUT_OFF))
    two = FilmScore((JointScore(JointInstance(Joint.WRIST, 1, (bone.metaphysis, lost)), (bone, lost)),))
    assert draw_crops(film, two, width=600).shape == draw_crops(film, scored, width=600).shape
    assert draw_crops(film, scored, width=600).shape[1] == 600


def test_crop_rows_grow_with_their_words(film: Radiograph, scored: FilmScore) -> None:
    bone = _bone(scored)
    told = replace(bone, grade=replace(bone.grade, findings=("a finding in a few words",) * 20))
    score = FilmScore((replace(scored.joints[0], bones=(told,)),))
    # 20 lines of 13-pixel text, 17 pixels high with 4 between them, are taller than the crop.
    assert draw_crops(film, score, width=600).shape[0] >= 20 * 21
    assert draw_crops(film, score, width=600).shape[0] > draw_crops(film, scored, width=600).shape[0]


def test_activity_can_be_left_to_the_course(scored: FilmScore) -> None:
    assert title(_bone(scored), activity=False) == "Radius  1.5 (1–2)"


def test_joint_picture_is_cut_around_the_bone(film: Radiograph, scored: FilmScore) -> None:
    # v from -1.4 to 1.4 (x 44 to 156: 112 columns), u from -1.3 to 1 (y 70 to 254: 184 rows), drawn 560 wide:
    # scale 5, so 920 rows; the epiphysis' near side (film y 142) lies at (142 - 70 + 0.5) * 5 - 0.5 = 362.
    rgb = draw_joint(film, scored, width=560)
    assert rgb.shape == (920, 560, 3)
    rows = _close(rgb[:, 270:290], EPIPHYSIS)[:, 0]
    assert rows.min() == pytest.approx(282, abs=2)  # its far side, film y 126
    assert rows.max() == pytest.approx(362, abs=2)


def test_labels_avoid_bones_edges_and_each_other() -> None:
    canvas = Canvas(np.zeros((400, 400, 3), np.uint8))
    about = Box(150, 150, 250, 250)
    anchors = np.array([[160.0, 200.0], [240.0, 200.0]])
    labels = [Label(name, ("one line",), GREY, anchors, about) for name in ("First", "Second", "Third")]
    boxes = place(canvas, labels, [])
    for i, box in enumerate(boxes):
        assert box.left >= 0 and box.top >= 0 and box.right <= 400 and box.bottom <= 400
        assert box.overlap(about) == 0
        assert all(box.overlap(other) == 0 for other in boxes[:i])


def test_labels_leave_side_markers_readable() -> None:
    # A white marker just left of the bone: the label goes elsewhere.
    rgb = np.zeros((400, 400, 3), np.uint8)
    rgb[150:250, 20:140] = 255
    anchors = np.array([[160.0, 200.0]])
    label = Label("Radius", ("words",), GREY, anchors, Box(150, 150, 250, 250))
    assert place(Canvas(rgb), [label], [])[0].overlap(Box(20, 150, 140, 250)) == 0


def test_wrapped_lines_fit() -> None:
    lines = wrap("the zone of provisional calcification is not continuous", 120, 12)
    assert " ".join(lines) == "the zone of provisional calcification is not continuous"
    assert len(lines) > 1
    assert all(text_size(line, 12)[0] <= 120 for line in lines)


def test_save_png_round_trip(tmp_path, film: Radiograph, scored: FilmScore) -> None:
    import cv2

    rgb = draw_joint(film, scored, width=320)
    save_png(tmp_path / "joint.png", rgb)
    read = cv2.cvtColor(cv2.imread(str(tmp_path / "joint.png")), cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(read, rgb)
    assert [p.name for p in tmp_path.iterdir()] == ["joint.png"]


def test_same_film_same_pixels(film: Radiograph, scored: FilmScore) -> None:
    np.testing.assert_array_equal(draw_overlay(film, scored), draw_overlay(film, scored))


def test_spacing_of_the_film_reaches_the_label(film: Radiograph, scored: FilmScore) -> None:
    with_spacing = replace(film, spacing=Spacing(0.15, SpacingSource.USER))
    # The label with millimetres is wider, so the pictures differ.
    assert not np.array_equal(draw_overlay(film, scored), draw_overlay(with_spacing, scored))
