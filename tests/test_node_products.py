"""What the node makes of a film: products say who answered."""

import json
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import UID

from tests.archives import film, radiograph
from tests.predictions import a_local_card
from tests.servers.nodes import ANYBODY, pacs, rule, settings
from tests.servers.quick_classifier import QuickClassifier
from xray import __version__
from xray.node.config import read_config
from xray.node.worker import Worker
from xray.spool.folder import Spool
from xray.spool.instances import put_instance, read_identity

LOG = '[[destination]]\nname = "log"\nkind = "files"\npath = "log.jsonl"\n'


def products(folder: Path, classifier: QuickClassifier) -> tuple[Dataset, dict]:
    """Let the node make a structured report and a record of a hand."""
    folder.mkdir()
    rules = rule(["sr"], ["pacs"]), rule(["record"], ["log"])
    config = read_config(settings(folder, ANYBODY, pacs(1), LOG, *rules))
    path = folder / "film.dcm"
    dataset = radiograph(film("hand"))
    dataset.SeriesInstanceUID = UID("1.2.3")
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = UID("1.2.4")
    dataset.save_as(path, enforce_file_format=True)
    with Spool(folder / "queue", keep_free=0) as spool:
        put_instance(spool, path, {}, read_identity(path))
        Worker(config, spool, classifier).work()
        (item,) = spool.items.list()
        files = {
            each.product: spool.store.path(each.file)
            for each in spool.deliveries.of(item.id)
        }
        return dcmread(files["sr"]), json.loads(files["record"].read_bytes())


@pytest.fixture
def local() -> QuickClassifier:
    classifier = QuickClassifier()
    classifier.local = a_local_card("clinic", classifier.card.sha256)
    return classifier


def test_products_name_the_local_card(tmp_path, local) -> None:
    report, record = products(tmp_path / "local", local)
    assert record["model"] == local.version
    assert record["model"].endswith("+ local card clinic")
    assert "local card clinic" in str(report)


def test_products_of_a_local_card_are_others_than_the_shipped_ones(
    tmp_path, local
) -> None:
    ours, _ = products(tmp_path / "local", local)
    shipped, _ = products(tmp_path / "shipped", QuickClassifier())
    again, _ = products(tmp_path / "again", QuickClassifier())
    assert shipped.SOPInstanceUID == again.SOPInstanceUID != ours.SOPInstanceUID


def test_products_name_the_program(tmp_path) -> None:
    report, record = products(tmp_path / "film", QuickClassifier())
    assert record["program"] == f"xray {__version__}"
    assert report.SoftwareVersions == f"xray {__version__}"
