"""JPEG Extended with 12 bits, which GDCM decodes but pydicom does not hand to it (its other one is GPL)."""

import numpy as np
import numpy.typing as npt


def decode_jpeg12(stream: bytes, rows: int, columns: int) -> npt.NDArray[np.uint16]:
    """Decode one grey frame of JPEG Extended (process 4) by GDCM's own 12-bit codec.

    Parameters
    ----------
    stream : bytes
        One whole JPEG stream.
    rows, columns : int
        Already compared with the stream's own header.

    Returns
    -------
    ndarray of shape (rows, columns), uint16

    Raises
    ------
    ValueError
        When GDCM gives back fewer pixels.
    """
    import gdcm

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(stream)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    image.SetPhotometricInterpretation(
        gdcm.PhotometricInterpretation(gdcm.PhotometricInterpretation.GetPIType("MONOCHROME2"))
    )
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGExtendedProcess2_4))
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, 12, 11, 0))
    # GDCM returns char* as str; undo the decoding that the binding applied.
    values = np.frombuffer(image.GetBuffer().encode("utf-8", "surrogateescape"), dtype="<u2")
    if values.size < rows * columns:
        raise ValueError("fewer pixels than the header says")
    return values[: rows * columns].reshape(rows, columns).astype(np.uint16)
