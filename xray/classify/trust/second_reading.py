"""When a second network reads a film too, and what the two say together.

Both numbers were chosen on fold 0, where any choice between 0.9 and 0.95, and between
0.7 and 0.9, differs by a film or two.
"""

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float32]  # (N, 22), rows summing to 1, calibrated

ASKED_BELOW = 0.95  # confidence of the first reader
SECOND_COUNTS = 0.8  # of the answer, where the second reader was asked


def needs_second(first: Probabilities) -> NDArray[np.bool_]:
    """Say which films the first reader is not sure enough of: (N,)."""
    return np.asarray(first.max(axis=1) < ASKED_BELOW)


def together(first: Probabilities, second: Probabilities) -> Probabilities:
    """Weigh what both readers say of the same films."""
    share = np.float32(SECOND_COUNTS)
    return (1 - share) * first + share * second
