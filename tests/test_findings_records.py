"""Findings in tables, histories and the node's records; none where nobody asked."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.archives import film, radiograph
from tests.findings_network import make_findings_network
from tests.predictions import finds, predicts
from tests.servers.nodes import ANYBODY, rule, settings
from tests.test_history import make_entry
from xray.classify.classifier import Classifier
from xray.classify.findings import Findings
from xray.classify.prediction import Explanation
from xray.errors import ConfigError, ModelError
from xray.node.config import read_config
from xray.node.running import Node
from xray.node.status import explain_config
from xray.node.worker import Worker
from xray.records.answer import findings_columns
from xray.records.structured_report import make_report
from xray.spool.folder import Spool
from xray.spool.instances import put_instance, read_identity
from xray.ui.history import Entry, to_csv, to_json

LOG = '[[destination]]\nname = "log"\nkind = "files"\npath = "log.jsonl"\n'
COLUMNS = [
    *("fracture_probability", "fracture_flag"),
    *("hardware_probability", "hardware_flag"),
    *("projection", "projection_probability"),
]


def findings_of(fracture: float, hardware: float = 0.1) -> Findings:
    said = finds(predicts("Hand"), fracture=fracture, hardware=hardware)
    found = said.findings
    assert found is not None
    return found


def entry_of(findings: Findings | None) -> Entry:
    said = replace(predicts("Hand"), findings=findings)
    heat = np.ones((8, 8), np.float32)
    return replace(make_entry(), explanation=Explanation(said, {9: heat}, 30, 20))


def test_columns_are_the_same_with_and_without_findings() -> None:
    found = findings_columns(findings_of(fracture=0.7, hardware=0.1))
    assert list(found) == list(findings_columns(None)) == COLUMNS
    assert found["fracture_probability"] == 0.7
    assert found["fracture_flag"] is True
    assert found["hardware_flag"] is False
    assert found["projection"] == "lateral"
    assert set(findings_columns(None).values()) == {None}


def test_history_has_columns_of_findings_only_where_some_were_asked() -> None:
    (row,) = csv.DictReader(io.StringIO(to_csv([entry_of(None)], "m")))
    assert not set(COLUMNS) & set(row)
    entries = [entry_of(findings_of(fracture=0.7)), entry_of(None)]
    first, second = csv.DictReader(io.StringIO(to_csv(entries, "m")))
    assert first["fracture_flag"] == "True"
    assert second["fracture_flag"] == ""
    asked, unasked = json.loads(to_json(entries, "m"))
    assert asked["fracture"] == {"probability": 0.7, "flag": True}
    assert "fracture" not in unasked


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> Classifier:
    folder = tmp_path_factory.mktemp("findings")
    return Classifier.load(findings=make_findings_network(folder))


@pytest.mark.parametrize("lines", [{}, {"findings": True}], ids=["unasked", "asked"])
def test_node_tells_findings_where_its_settings_ask(lines, asked, tmp_path) -> None:
    config = read_config(settings(tmp_path, ANYBODY, LOG, **lines))
    path = tmp_path / "film.dcm"
    radiograph(film("hand")).save_as(path, enforce_file_format=True)
    with Spool(tmp_path / "queue", keep_free=0) as spool:
        put_instance(spool, path, {}, read_identity(path))
        Worker(config, spool, asked).work()
        (item,) = spool.items.list()
    assert ("fracture" in item.result) == bool(lines)
    if lines:
        result: Any = item.result
        assert result["fracture"]["flag"] is False
        assert 0 < result["projection"]["probability"] < 1


def test_node_flags_by_its_operating_point_and_says_what_it_does(tmp_path) -> None:
    chosen = {"findings": True, "operating_point": "sensitive"}
    config = read_config(settings(tmp_path, ANYBODY, **chosen))
    assert config.findings == "sensitive"
    text = "\n".join(explain_config(config))
    assert "flags by sensitive" in text
    assert "not for diagnosis" in text
    assert read_config(settings(tmp_path, ANYBODY)).findings is False


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"operating_point": "specific"}, "findings"),
        ({"findings": True, "operating_point": "lenient"}, "operating_point"),
        ({"findings": "yes"}, "findings"),
    ],
)
def test_wish_that_can_not_be_is_named(values, named, tmp_path) -> None:
    with pytest.raises(ConfigError, match=f"Expected {named}"):
        read_config(settings(tmp_path, ANYBODY, **values))


def test_node_without_the_network_does_not_start(classifier, tmp_path) -> None:
    config = read_config(settings(tmp_path, ANYBODY, rule_of_log(), findings=True))
    bare = Classifier.load(findings=tmp_path / "none.npz")
    with pytest.raises(ModelError, match="none"), Node(config, bare):
        pass


def rule_of_log() -> str:
    return LOG + rule(["record"], ["log"])


def test_structured_report_says_nothing_of_findings() -> None:
    source = radiograph(film("hand"))
    said = finds(predicts("Hand"), fracture=0.9)
    report = make_report(source, said, "m")
    assert "racture" not in str(report)
