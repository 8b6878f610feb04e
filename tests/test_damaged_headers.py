"""Headers with bytes changed, lost and added: right answers or typed errors."""

import io
import random

import numpy as np
import pytest

from tests.archives import code, film, radiograph
from tests.predictions import predicts
from xray.audit.origin import read_origin
from xray.errors import ImageError
from xray.records.correction import plan, read_whole, save_new, write
from xray.records.structured_report import make_heatmap, make_report

HAND = predicts("Hand")
PICTURE = np.zeros((4, 4, 3), np.uint8)


def damaged(seed: int) -> bytes:
    """Damage a file's header in one to twenty places."""
    dataset = radiograph(
        film("hand")[:16, :16],
        BodyPartExamined="CHEST",
        AnatomicRegionSequence=[code("T-D3000", "Chest", "SRT")],
        SeriesDescription="RX TORAX",
    )
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    data = bytearray(file.getvalue())
    chance = random.Random(seed)
    for _ in range(chance.choice((1, 2, 5, 20))):
        place = chance.randrange(132, len(data) - 256)
        kind = chance.random()
        if kind < 0.6:
            data[place] = chance.randrange(256)
        elif kind < 0.8:
            del data[place : place + chance.randrange(1, 9)]
        else:
            data[place:place] = chance.randbytes(chance.randrange(1, 9))
    return bytes(data)


@pytest.mark.parametrize("block", range(4))
def test_damaged_header_gives_an_answer_or_a_typed_error(block, tmp_path):
    finished = 0
    for seed in range(block * 25, block * 25 + 25):
        data = damaged(seed)
        read_origin(data)
        for work in (
            lambda path, data=data: write(plan(data, HAND), path),
            lambda path, data=data: save_new(
                make_report(read_whole(data), HAND, "net 1.0"), path
            ),
            lambda path, data=data: save_new(
                make_heatmap(read_whole(data), PICTURE), path
            ),
        ):
            try:
                work(tmp_path / f"{seed}-{finished}.dcm")
                finished += 1
            except ImageError as error:
                assert error.key in {"damaged", "needs_tag", "needs_dicom"}
    assert finished > 10
