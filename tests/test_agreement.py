"""How engines are compared: ranks against pandas', figures of known cases."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xray.lab.evaluation.randomization import rank_correlation
from xray.lab.training.agreement import compare
from xray.reading.reader import read_radiograph


@given(
    arrays.arrays(np.float32, (2, 12), elements=st.integers(0, 5).map(float)).filter(
        lambda pair: all(np.ptp(row) for row in pair)
    )
)
def test_rank_correlation_with_ties_is_spearmans(pair) -> None:
    expected = pd.DataFrame(pair.T).corr(method="spearman").iloc[0, 1]
    assert rank_correlation(pair[0], pair[1]) == pytest.approx(expected, abs=1e-9)


def test_rank_correlation_of_what_has_no_ranks_is_0() -> None:
    flat, ramp = np.zeros(4, np.float32), np.arange(4, dtype=np.float32)
    assert rank_correlation(flat, flat) == 0
    assert rank_correlation(flat, ramp) == 0


def test_compare_classifier_with_itself_agrees_wholly(classifier, films) -> None:
    pictures = [read_radiograph(films[name]).pixels for name in ("hand", "knee")]
    found = compare(classifier, classifier, pictures, [(9,), (0,)])
    assert found.same_answer == 1
    assert found.accuracy == found.reference_accuracy == 0.5
    assert found.probability_difference == 0
    assert found.map_correlation == pytest.approx(1)
    assert found.to_json()["films"] == 2
