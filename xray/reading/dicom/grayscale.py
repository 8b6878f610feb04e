"""Stored DICOM values to gray: the steps of the grayscale pipeline, in order.

Modality LUT or rescale -> padding masked -> VOI LUT or window (or percentiles)
-> inversion (PS3.3 C.11.1, C.11.2 and C.7.6.3.1.2). Each step is a function of
values alone, so the pipeline runs once over every value a pixel can have, and
the picture is one look-up.
"""

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from ...header.elements import code_string, first_number, items, places
from ..radiograph import Notice
from .tables import Values, read_lut

Sample = NDArray[np.float64]  # (N,) modality values inside the exposed field

LOW_PERCENTILE = 0.5
HIGH_PERCENTILE = 99.5
# A window this much narrower or wider than the values it shows is a mistake.
_NARROWEST = 1 / 32
_WIDEST = 32.0
_MOST_PADDING = 0.999
_MOST_RESCALE = 1e12  # beyond it, values run together or out of range


def render(
    dataset: Dataset, stored: Values, shown: Values
) -> tuple[Values, tuple[Notice, ...]]:
    """Run the whole pipeline over stored values of any shape.

    The percentiles come from `shown`, a sample of what the exposed field holds.

    Returns:
        Values in [0, 1] in the shape of `stored`, bone bright, padding 0; and
        notices of what the header says and can't be used.
    """
    hidden = is_padding(dataset, shown)
    has_padding = hidden.mean() < _MOST_PADDING if hidden.size else False
    if has_padding:
        shown = shown[~hidden]
    modality, notices = to_modality(dataset, stored, shown)
    sample, _ = to_modality(dataset, shown, shown)
    display, more = to_display(dataset, modality, sample)
    if is_inverted(dataset):
        display = 1 - display
    if has_padding:
        display = np.where(is_padding(dataset, stored), 0.0, display)
    return display, notices + more


def to_modality(
    dataset: Dataset, stored: Values, shown: Values
) -> tuple[Values, tuple[Notice, ...]]:
    """Apply the Modality LUT, or rescale slope and intercept (PS3.3 C.11.1).

    Stored values are signed where the file says so; those that the picture really
    shows tell what a table is for. A notice says what was unusable.
    """
    sequence = items(dataset, "ModalityLUTSequence")
    if sequence:
        lut = read_lut(sequence[0], shown)
        if lut is not None:
            return lut.apply(stored), ()
        return stored, (Notice("lut_ignored", {"tag": "(0028,3000)"}),)
    slope = first_number(dataset, "RescaleSlope")
    intercept = first_number(dataset, "RescaleIntercept") or 0.0
    if slope is None:
        slope = 1.0
    if not 1 / _MOST_RESCALE <= abs(slope) <= _MOST_RESCALE or (
        abs(intercept) > _MOST_RESCALE * abs(slope)
    ):
        return stored, (Notice("rescale_ignored"),)
    return stored * slope + intercept, ()


def is_padding(dataset: Dataset, stored: Values) -> NDArray[np.bool_]:
    """Say which stored values are Pixel Padding (0028,0120) and (0028,0121)."""
    start = first_number(dataset, "PixelPaddingValue")
    if start is None:
        return np.zeros(stored.shape, bool)
    end = first_number(dataset, "PixelPaddingRangeLimit")
    ends = (start, start if end is None else end)
    low, high = sorted(_with_sign_of_pixels(dataset, value) for value in ends)
    return (stored >= low) & (stored <= high)


def _with_sign_of_pixels(dataset: Dataset, value: float) -> float:
    """Read a value of VR "US or SS" as pixels are, where the file used the other."""
    bits = int(first_number(dataset, "BitsStored") or 16)
    is_signed = first_number(dataset, "PixelRepresentation") == 1
    low, high = (-(1 << (bits - 1)), 1 << (bits - 1)) if is_signed else (0, 1 << bits)
    others = [value - (1 << 16), value + (1 << 16)]
    if is_signed:
        others.append(value - (1 << bits))
    return next((each for each in (value, *others) if low <= each < high), value)


def to_display(
    dataset: Dataset, modality: Values, sample: Sample
) -> tuple[Values, tuple[Notice, ...]]:
    """Apply the VOI LUT or the first window, or percentiles of the field.

    The sample is what the picture really shows, without padding.

    Returns:
        Values in [0, 1] in the shape of `modality`, and a notice for what was unusable.
    """
    sequence = items(dataset, "VOILUTSequence")
    if sequence:
        lut = read_lut(sequence[0], sample)
        if lut is not None and not _hides(lut.apply(sample) / lut.top):
            return np.clip(lut.apply(modality) / lut.top, 0, 1), ()
    notices: tuple[Notice, ...] = ()
    if sequence:
        notices = (Notice("lut_ignored", {"tag": "(0028,3010)"}),)
    window = _first_window(dataset)
    if window is not None:
        if not _is_absurd(*window, sample):
            function = _function(dataset, window[1], sample)
            return apply_window(modality, *window, function), notices
        notices += (Notice("window_ignored"),)
    return _stretch(modality, sample), notices


def apply_window(
    values: Values, center: float, width: float, function: str = "LINEAR"
) -> Values:
    """Apply a window with a VOI LUT Function (PS3.3 C.11.2.1.2 and .3).

    Args:
        values: Modality values.
        center: Window Center (0028,1050).
        width: Window Width (0028,1051), at least 1, or above 0 if not linear.
        function: VOI LUT Function (0028,1056); an unknown one counts as LINEAR.

    Returns:
        Values in [0, 1].
    """
    if function == "SIGMOID":
        return 1 / (1 + np.exp(np.clip(-4 * (values - center) / width, -700, 700)))
    if function != "LINEAR_EXACT":
        center, width = center - 0.5, width - 1
        if width <= 0:
            return np.where(values > center, 1.0, 0.0)
    return np.clip((values - center) / width + 0.5, 0, 1)


def is_inverted(dataset: Dataset) -> bool:
    """Say whether low values are bright: MONOCHROME1 or shape INVERSE."""
    return (
        code_string(dataset, "PhotometricInterpretation") == "MONOCHROME1"
        or code_string(dataset, "PresentationLUTShape") == "INVERSE"
    )


def _first_window(dataset: Dataset) -> tuple[float, float] | None:
    """Find the first window that has both its center and its width."""
    centers, widths = places(dataset, "WindowCenter"), places(dataset, "WindowWidth")
    for center, width in zip(centers, widths, strict=False):
        if center is not None and width is not None:
            return center, width
    return None


def _function(dataset: Dataset, width: float, sample: Sample) -> str:
    """Say how a window is applied: what PS3.3 calls LINEAR is for whole numbers.

    It takes 1 from the width, which leaves nothing of a window of 1 over values
    from 0 to 1; whoever wrote that one meant it as it stands.
    """
    function = code_string(dataset, "VOILUTFunction")
    is_whole = bool((sample == np.rint(sample)).all())
    if width <= 1 and not is_whole and function != "SIGMOID":
        return "LINEAR_EXACT"
    return function


def _is_absurd(center: float, width: float, sample: Sample) -> bool:
    """Say whether a window would hide what the picture shows."""
    if width <= 0:
        return True
    low, high = _percentiles(sample)
    if high <= low:
        return False
    overlap = min(high, center + width / 2) - max(low, center - width / 2)
    return overlap < _NARROWEST * (high - low) or width > _WIDEST * (high - low)


def _hides(display: Sample) -> bool:
    low, high = _percentiles(display)
    return high - low < 1 / 255


def _stretch(modality: Values, sample: Sample) -> Values:
    low, high = _percentiles(sample)
    if high <= low and sample.size:
        low, high = float(sample.min()), float(sample.max())
    if high <= low:
        return np.zeros_like(modality)
    return np.clip((modality - low) / (high - low), 0, 1)


def _percentiles(sample: Sample) -> tuple[float, float]:
    if not sample.size:
        return 0.0, 0.0
    low, high = np.percentile(sample, (LOW_PERCENTILE, HIGH_PERCENTILE))
    return float(low), float(high)
