from pathlib import Path

import numpy as np
import pytest
from dicom_maker import DX, SC, dataset, ramp, save, transcode
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from rickets_rx.errors import InputError
from rickets_rx.io.dicom_header import Header
from rickets_rx.io.read import read_radiograph
from rickets_rx.radiograph import JointSource, PolaritySource, Radiograph
from rickets_rx.vocabulary import Joint, Side, SpacingSource, View

LOSSLESS = [
    "ImplicitVRLittleEndian",
    "ExplicitVRBigEndian",
    "DeflatedExplicitVRLittleEndian",
    "RLELossless",
    "JPEGLosslessProcess14",
    "JPEGLosslessProcess14_1",
    "JPEGLSLossless",
    "JPEG2000Lossless",
]


def read(ds: Dataset, folder: Path) -> Radiograph:
    return read_radiograph(save(ds, folder / "film.dcm"))


@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_lossless_syntaxes_give_the_same_pixels(tmp_path: Path, syntax: str, bits: int) -> None:
    pixels = ramp(bits)
    plain = save(dataset(pixels, bits=bits), tmp_path / "plain.dcm")
    film = read_radiograph(transcode(plain, tmp_path / "other.dcm", syntax))
    assert np.array_equal(film.pixels, pixels.astype(np.float32))
    assert film.low_bits == (bits == 8)


@pytest.mark.parametrize("syntax", ["JPEGLSNearLossless", "JPEG2000"])
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_wavelet_and_near_lossless_stay_close(tmp_path: Path, syntax: str, bits: int) -> None:
    pixels = ramp(bits)
    plain = save(dataset(pixels, bits=bits), tmp_path / "plain.dcm")
    film = read_radiograph(transcode(plain, tmp_path / "other.dcm", syntax))
    assert np.abs(film.pixels - pixels).max() <= 0.01 * 2**bits


@pytest.mark.parametrize("syntax", ["JPEGBaselineProcess1", "JPEGExtendedProcess2_4"])
def test_dct_syntaxes_stay_within_two_greys(tmp_path: Path, syntax: str) -> None:
    pixels = ramp(8)
    plain = save(dataset(pixels, bits=8), tmp_path / "plain.dcm")
    film = read_radiograph(transcode(plain, tmp_path / "other.dcm", syntax))
    assert np.abs(film.pixels - pixels).max() <= 2


# 1000 + 60 y + 90 x on 16 x 16 pixels, by imagecodecs.jpeg8_encode(level=98, bitspersample=12), whose own
# decoder gives it back without loss.
JPEG12 = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb00430001010101010101010101010101010102010101010102010101"
    "020202020202020202030304030303030302020304030304040404040203050504040504040404ffc1000b0c001000100101"
    "1100ffc4001500010100000000000000000000000000000d0bffc4001b10000104030000000000000000000000000b002738"
    "46556273ffda0008010100003f003e9c32e3ba8a6c6e16bbc344b40065c77514d8dc2d77868a0fe1971dd4536370b5de1a25"
    "a0032e3ba8a6c6e16bbc345fffd9"
)


def twelve_bit_film(folder: Path) -> Path:
    from pydicom.encaps import encapsulate
    from pydicom.uid import JPEGExtended12Bit

    ds = dataset(np.zeros((16, 16), np.uint16))
    ds.file_meta.TransferSyntaxUID = JPEGExtended12Bit
    ds.PixelData = encapsulate([JPEG12])
    ds["PixelData"].VR = "OB"
    return save(ds, folder / "film.dcm")


def test_twelve_bit_jpeg_needs_no_extra_decoder(tmp_path: Path) -> None:
    y, x = np.mgrid[0:16, 0:16]
    assert np.array_equal(read_radiograph(twelve_bit_film(tmp_path)).pixels, 1000 + 60 * y + 90 * x)


def test_a_stream_with_impossible_precision_never_reaches_the_decoder(tmp_path: Path) -> None:
    # GDCM ends the process on precision 0.
    path = twelve_bit_film(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"\xff\xc1\x00\x0b\x0c", b"\xff\xc1\x00\x0b\x00"))
    with pytest.raises(InputError, match=r"\(0 bits\)"):
        read_radiograph(path)


def test_rle_by_another_encoder_is_the_same(tmp_path: Path) -> None:
    from pydicom.uid import RLELossless

    ds = dataset(ramp())
    ds.compress(RLELossless, encoding_plugin="pydicom")
    assert np.array_equal(read(ds, tmp_path).pixels, ramp())


@pytest.mark.parametrize(
    ("syntax", "plugin"), [("JPEGLSLossless", "pyjpegls"), ("JPEG2000Lossless", "pylibjpeg")]
)
def test_other_encoders_of_the_optional_kind(tmp_path: Path, syntax: str, plugin: str) -> None:
    import pydicom.uid

    pytest.importorskip("jpeg_ls" if plugin == "pyjpegls" else "openjpeg")
    ds = dataset(ramp())
    ds.compress(getattr(pydicom.uid, syntax), encoding_plugin=plugin)
    assert np.array_equal(read(ds, tmp_path).pixels, ramp())


def test_a_gap_in_the_compressed_header_never_reaches_the_decoder(tmp_path: Path) -> None:
    # GDCM ends the process on this one, found by fuzzing: two bytes slipped into the Huffman table.
    plain = save(dataset(ramp()), tmp_path / "plain.dcm")
    path = transcode(plain, tmp_path / "film.dcm", "JPEGLosslessProcess14_1")
    data = path.read_bytes()
    at = data.index(b"\xff\xc4") + 22
    path.write_bytes(data[:at] + b"\xae\xd7" + data[at:-2])
    with pytest.raises(InputError, match="damaged at its start"):
        read_radiograph(path)


def test_one_film_in_two_syntaxes_reads_alike(shared: Path) -> None:
    folder = shared / "radiographs" / "dicom"
    rle, jls, j2k = (read_radiograph(folder / f"ankle_{name}.dcm") for name in ("rle", "jpegls", "jpeg2000"))
    assert rle.shape == (1760, 1760)
    assert np.array_equal(rle.pixels, jls.pixels)
    # The JPEG 2000 file declares lossy compression, 10 bit.
    assert np.abs(rle.pixels - j2k.pixels).mean() < 10
    for film in (rle, jls, j2k):
        assert film.polarity.inverted
        assert film.polarity.source is PolaritySource.DICOM
        assert (film.side, film.view, film.joint) == (Side.RIGHT, View.FRONTAL, None)
        assert film.spacing.source is SpacingSource.NONE
        # MONOCHROME1 of 10 bit; stored window 550 +- 512 as LINEAR: 38 to 1061, seen from 1023.
        assert film.display_window == (1023 - 1061, 1023 - 38)


def test_monochrome1_is_reflected_within_the_stored_range(tmp_path: Path) -> None:
    pixels = ramp(12)
    film = read(dataset(pixels, PhotometricInterpretation="MONOCHROME1"), tmp_path)
    assert np.array_equal(film.pixels, 4095 - pixels.astype(np.float32))
    assert (film.polarity.dense_bright, film.polarity.inverted) == (False, True)


@pytest.mark.parametrize(
    ("photometric", "shape", "inverted", "noted"),
    [
        ("MONOCHROME2", "IDENTITY", False, False),
        ("MONOCHROME1", "INVERSE", True, False),
        ("MONOCHROME2", "INVERSE", True, True),
        ("MONOCHROME1", "IDENTITY", True, True),
    ],
)
def test_presentation_shape_never_inverts_twice(
    tmp_path: Path, photometric: str, shape: str, inverted: bool, noted: bool
) -> None:
    ds = dataset(ramp(), sop_class=DX, PhotometricInterpretation=photometric, PresentationLUTShape=shape)
    film = read(ds, tmp_path)
    assert film.polarity.inverted is inverted
    assert any("disagree" in note for note in film.notes) is noted


def test_the_user_overrules_the_header_polarity(tmp_path: Path) -> None:
    pixels = ramp(12)
    path = save(
        dataset(pixels, PhotometricInterpretation="MONOCHROME1", WindowCenter=100.5, WindowWidth=101),
        tmp_path / "film.dcm",
    )
    film = read_radiograph(path, invert=False)
    assert np.array_equal(film.pixels, pixels)
    assert film.polarity.source is PolaritySource.USER
    assert film.display_window == (50, 150)


def test_rescale_comes_before_inversion(tmp_path: Path) -> None:
    pixels = ramp(12)
    film = read(
        dataset(pixels, PhotometricInterpretation="MONOCHROME1", RescaleSlope=2, RescaleIntercept=-1000),
        tmp_path,
    )
    # Stored 0-4095 spans -1000 to 7190, so a value v becomes 6190 - v.
    assert np.array_equal(film.pixels, 6190 - (pixels.astype(np.float32) * 2 - 1000))


def test_modality_table_is_applied(tmp_path: Path) -> None:
    ds = dataset(np.array([[0, 1, 2, 3], [3, 2, 1, 0]], np.uint8), bits=2)
    item = Dataset()
    item.LUTDescriptor, item.LUTData, item.ModalityLUTType = [4, 0, 16], [10, 20, 40, 80], "US"
    item["LUTDescriptor"].VR = item["LUTData"].VR = "US"
    ds.ModalityLUTSequence = [item]
    assert np.array_equal(read(ds, tmp_path).pixels, [[10, 20, 40, 80], [80, 40, 20, 10]])


def test_the_window_never_clips(tmp_path: Path) -> None:
    pixels = ramp(12)
    film = read(dataset(pixels, WindowCenter=2000, WindowWidth=10, VOILUTFunction="LINEAR_EXACT"), tmp_path)
    assert np.array_equal(film.pixels, pixels)
    assert film.display_window == (1995, 2005)


def test_window_turns_over_with_the_pixels(tmp_path: Path) -> None:
    ds = dataset(ramp(), PhotometricInterpretation="MONOCHROME1", WindowCenter=1000, WindowWidth=200)
    ds.VOILUTFunction = "LINEAR_EXACT"
    assert read(ds, tmp_path).display_window == (4095 - 1100, 4095 - 900)


def test_window_table_becomes_a_range(tmp_path: Path) -> None:
    ds = dataset(ramp(12))
    item = Dataset()
    item.LUTDescriptor, item.LUTData = [101, 500, 16], [*range(0, 1010, 10)]
    item["LUTDescriptor"].VR = item["LUTData"].VR = "US"
    ds.VOILUTSequence = [item]
    # Outputs rise linearly over inputs 500-600: 1 % lies just above 501, 99 % just below 599.
    assert read(ds, tmp_path).display_window == (502, 598)


def test_overlay_bits_are_masked_off(tmp_path: Path) -> None:
    pixels = ramp(12)
    with_overlay = pixels.copy()
    with_overlay[::3] |= 0x8000
    assert np.array_equal(read(dataset(with_overlay, bits=12), tmp_path).pixels, pixels)


def test_high_bit_shifts(tmp_path: Path) -> None:
    pixels = ramp(12)
    assert np.array_equal(read(dataset(pixels << 4, bits=12, HighBit=15), tmp_path).pixels, pixels)


def test_signed_values_keep_their_sign(tmp_path: Path) -> None:
    pixels = ramp(12).astype(np.int16) - 2048
    # The four unused bits are left 0, as some writers do: the sign bit is bit 11.
    film = read(dataset((pixels & 0x0FFF).astype(np.int16), bits=12), tmp_path)
    assert np.array_equal(film.pixels, pixels)
    turned = read(
        dataset((pixels & 0x0FFF).astype(np.int16), bits=12, PhotometricInterpretation="MONOCHROME1"),
        tmp_path,
    )
    assert np.array_equal(turned.pixels, -1 - pixels.astype(np.float32))


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_becomes_the_lowest_density(tmp_path: Path, photometric: str) -> None:
    pixels = ramp(12)
    pixels[:5] = 4095
    film = read(dataset(pixels, PhotometricInterpretation=photometric, PixelPaddingValue=4095), tmp_path)
    real = pixels[5:].astype(np.float32)
    real = 4095 - real if photometric == "MONOCHROME1" else real
    assert np.array_equal(film.pixels[5:], real)
    assert (film.pixels[:5] == real.min()).all()


def test_padding_range(tmp_path: Path) -> None:
    pixels = np.arange(100, dtype=np.uint16).reshape(10, 10)
    film = read(dataset(pixels, PixelPaddingValue=95, PixelPaddingRangeLimit=99), tmp_path)
    assert np.array_equal(film.pixels.ravel(), [*range(95), 0, 0, 0, 0, 0])


def test_colour_capture_becomes_grey(tmp_path: Path) -> None:
    grey = ramp(8)
    ds = dataset(np.dstack([grey] * 3), bits=8, sop_class=SC, PhotometricInterpretation="RGB", Modality="OT")
    film = read(ds, tmp_path)
    assert np.allclose(film.pixels, grey, atol=1e-3) or np.allclose(film.pixels, 255.0 - grey, atol=1e-3)
    assert film.polarity.source is PolaritySource.PICTURE
    red = np.zeros((8, 8, 3), np.uint8)
    red[::2, :, 0] = 200
    ds = dataset(red, bits=8, sop_class=SC, PhotometricInterpretation="RGB", Modality="OT")
    # 0.299 x 200 = 59.8 (ITU-R BT.601).
    assert np.allclose(
        read_radiograph(save(ds, tmp_path / "red.dcm"), invert=False).pixels[0], 59.8, atol=1e-3
    )


def test_palette_capture(tmp_path: Path) -> None:
    ds = dataset(np.array([[0, 1], [2, 3]], np.uint8), bits=8, sop_class=SC)
    ds.PhotometricInterpretation, ds.Modality = "PALETTE COLOR", "OT"
    for colour in ("Red", "Green", "Blue"):
        setattr(ds, f"{colour}PaletteColorLookupTableDescriptor", [4, 0, 8])
        setattr(ds, f"{colour}PaletteColorLookupTableData", bytes([0, 50, 100, 200]))
        ds[f"{colour}PaletteColorLookupTableDescriptor"].VR = "US"
    film = read_radiograph(save(ds, tmp_path / "film.dcm"), invert=False)
    assert np.allclose(film.pixels, [[0, 50], [100, 200]], atol=1e-3)


@pytest.mark.parametrize(
    ("attributes", "side", "view", "joint", "note"),
    [
        ({"ImageLaterality": "L"}, Side.LEFT, None, None, None),
        ({"Laterality": "R", "ViewPosition": "PA"}, Side.RIGHT, View.FRONTAL, None, None),
        ({"ImageLaterality": "L", "Laterality": "R"}, None, None, None, "disagree"),
        ({"ImageLaterality": "B"}, None, None, None, None),
        ({"ViewPosition": "LL", "BodyPartExamined": "WRIST"}, None, View.LATERAL, Joint.WRIST, None),
        ({"ViewPosition": "RLO", "BodyPartExamined": "HAND"}, None, View.OBLIQUE, Joint.WRIST, None),
        ({"ViewPosition": "XY", "BodyPartExamined": "ELBOW"}, None, None, Joint.ELBOW, None),
        ({"BodyPartExamined": "ANKLE"}, None, None, None, "body_part=ankle"),
        ({"BodyPartExamined": "FOREARM"}, None, None, None, "body_part=forearm"),
        ({"BodyPartExamined": "EXTREMITY"}, None, None, None, None),
        ({"BodyPartExamined": "MISS JONES"}, None, None, None, "body_part=unrecognised"),
        ({"BurnedInAnnotation": "YES"}, None, None, None, "burned-in"),
        ({"LossyImageCompression": "01"}, None, None, None, "lossy"),
    ],
)
def test_what_the_header_hints(
    tmp_path: Path, attributes: dict[str, str], side: Side, view: View, joint: Joint, note: str | None
) -> None:
    film = read(dataset(ramp(), **attributes), tmp_path)
    assert (film.side, film.view, film.joint) == (side, view, joint)
    assert [note in text for text in film.notes] == ([True] if note else [])
    assert film.joint_source is (JointSource.HEADER if joint else None)


def test_a_joint_that_a_user_names_is_the_users(tmp_path: Path) -> None:
    read(dataset(ramp(), BodyPartExamined="WRIST"), tmp_path)
    path = next(p for p in tmp_path.iterdir() if p.is_file())
    assert read_radiograph(path).joint_source is JointSource.HEADER
    named = read_radiograph(path, joint=Joint.ELBOW)
    assert (named.joint, named.joint_source) == (Joint.ELBOW, JointSource.USER)


@pytest.mark.parametrize(
    ("code", "view"),
    [
        ("272479007", View.FRONTAL),
        ("R-10206", View.FRONTAL),
        ("399067008", View.LATERAL),
        ("399182000", View.OBLIQUE),
        ("12345", None),
    ],
)
def test_coded_view_and_region(tmp_path: Path, code: str, view: View | None) -> None:
    ds, item, region = dataset(ramp()), Dataset(), Dataset()
    item.CodeValue, item.CodingSchemeDesignator = code, "SCT"
    region.CodeValue, region.CodingSchemeDesignator = "16953009", "SCT"
    ds.ViewCodeSequence, ds.AnatomicRegionSequence = [item], [region]
    film = read(ds, tmp_path)
    assert (film.view, film.joint) == (view, Joint.ELBOW)


def test_the_user_overrules_side_joint_and_spacing_and_it_is_noted(tmp_path: Path) -> None:
    ds = dataset(ramp(), ImageLaterality="L", BodyPartExamined="ELBOW", ImagerPixelSpacing=[0.2, 0.2])
    path = save(ds, tmp_path / "film.dcm")
    film = read_radiograph(path, side=Side.RIGHT, joint=Joint.WRIST, spacing_mm=0.144)
    assert (film.side, film.joint, film.spacing.mm) == (Side.RIGHT, Joint.WRIST, 0.144)
    assert film.spacing.source is SpacingSource.USER
    assert film.notes == (
        "side=right from the user, the header says left",
        "joint=wrist from the user, the header says elbow",
    )


def test_spacing_comes_from_the_header(tmp_path: Path) -> None:
    ds = dataset(
        ramp(), ImagerPixelSpacing=[0.2, 0.2], DistanceSourceToDetector=1000, DistanceSourceToPatient=800
    )
    film = read(ds, tmp_path)
    assert film.spacing.source is SpacingSource.ERMF
    assert film.spacing.mm == pytest.approx(0.16)


def test_an_optional_attribute_that_is_damaged_costs_only_itself(tmp_path: Path) -> None:
    path = save(dataset(ramp(), WindowCenter=1234, WindowWidth=400), tmp_path / "film.dcm")
    path.write_bytes(path.read_bytes().replace(b"1234", b"12x4"))
    film = read_radiograph(path)
    assert np.array_equal(film.pixels, ramp())
    assert film.display_window is None
    assert [note for note in film.notes if "WindowCenter (0028,1050)" in note]


def test_a_syntax_without_decoder_names_it_and_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pydicom.pixels.decoders import JPEGLSLosslessDecoder

    plain = save(dataset(ramp()), tmp_path / "plain.dcm")
    path = transcode(plain, tmp_path / "film.dcm", "JPEGLSLossless")
    monkeypatch.setattr(JPEGLSLosslessDecoder, "_available", {})
    with pytest.raises(InputError) as caught:
        read_radiograph(path)
    assert "JPEG-LS Lossless" in caught.value.problem
    assert "rickets-rx[dicom]" in caught.value.mend


def test_no_identifier_of_the_header_gets_out(tmp_path: Path) -> None:
    """Plants a mark in every text element pydicom knows for a film and looks for it in all that comes out."""
    from pydicom.datadict import DicomDictionary, keyword_for_tag

    ds = dataset(ramp())
    keep = {"Modality", "PhotometricInterpretation", "SOPClassUID", "ViewPosition", "PresentationLUTShape"}
    planted = 0
    for tag, (vr, _, _, retired, keyword) in DicomDictionary.items():
        if (
            retired
            or not keyword
            or tag >> 16 in (0x0000, 0x0002, 0x0004)
            or keyword in keep
            or tag >> 16 > 0x4010
        ):
            continue
        if vr in ("PN", "LO", "SH", "ST", "LT", "UT", "CS", "AE", "UC"):
            setattr(ds, keyword_for_tag(tag), "ZQMARK")
            planted += 1
        elif vr == "UI" and keyword != "SOPClassUID":
            setattr(ds, keyword, "1.2.777666555")
        elif vr == "DA":
            setattr(ds, keyword, "19770707")
    assert planted > 500
    path = save(ds, tmp_path / "film.dcm")
    film = read_radiograph(path)
    said = [repr(film)]
    for keyword in ("Rows", "PixelData", "BitsStored", "SamplesPerPixel", "PixelRepresentation"):
        value = getattr(ds, keyword)
        delattr(ds, keyword)
        with pytest.raises(InputError) as caught:
            read(ds, tmp_path)
        said.append(f"{caught.value!s} {caught.value!r} {caught.value.__cause__!r}")
        setattr(ds, keyword, value)
    assert said
    for text in said:
        assert "ZQMARK" not in text.upper()
        assert "777666555" not in text
        assert "19770707" not in text


def test_data_sets_where_a_word_belongs_are_not_printed(tmp_path: Path) -> None:
    """Found by fuzzing: a damaged length turned Modality into sequences nested 20 deep, printed in 11 GB."""
    inner = Dataset()
    inner.PatientComments = "MARK"
    ds = dataset(ramp())
    ds[0x00080060] = DataElement(0x00080060, "SQ", [inner])
    header = Header(ds, "film.dcm")
    assert header.text("Modality") == ""
    assert header.notes == ["Modality (0008,0060) ignored: not a text"]
    assert read_radiograph(save(ds, tmp_path / "film.dcm")).pixels.shape == ramp().shape


def test_a_word_where_data_sets_belong_is_no_item() -> None:
    ds = Dataset()
    ds[0x00540220] = DataElement(0x00540220, "LO", ["R-10206", "R-10206"])
    ds[0x00082218] = DataElement(0x00082218, "LO", "T-15460")
    header = Header(ds, "film.dcm")
    assert header.item("ViewCodeSequence") is None
    assert header.item("AnatomicRegionSequence") is None
