"""Containerfile and compose file: no engine is here, so their words are run as is."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from base64 import b64encode
from http.client import HTTPConnection
from pathlib import Path

import pytest
import yaml

from tests.servers.nodes import end, running
from tests.servers.waiting import free_port, wait_until
from xray.cli import make_parser
from xray.node.config import read_config
from xray.node.destinations.dicom import DicomDestination

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
LINES = re.findall(
    r"^(FROM|RUN|COPY|USER|HEALTHCHECK|ENTRYPOINT|CMD|EXPOSE) (.*)$",
    (ROOT / "Containerfile").read_text(),
    re.MULTILINE,
)
SERVICES = [name for name in COMPOSE["services"] if name != "orthanc"]


def _lines(word: str) -> list[str]:
    return [rest for first, rest in LINES if first == word]


def _known() -> str:
    return make_parser().format_help()


def test_the_image_runs_as_a_user_of_its_own_who_owns_the_spool():
    (user,) = _lines("USER")
    made = next(line for line in _lines("RUN") if "useradd" in line)
    assert f"--create-home {user}" in made
    assert f"-o {user} -m 700 /var/lib/xray" in made


def test_the_image_installs_extras_that_exist_within_the_tested_versions():
    install = next(line for line in _lines("RUN") if "pip install" in line)
    (extras,) = re.findall(r"\$wheel\[(.*)\]", install)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(extras.split(",")) <= declared["optional-dependencies"].keys()
    assert "-c /wheels/requirements.txt" in install
    for source in (line.split()[-2] for line in _lines("COPY") if "--from" not in line):
        assert (ROOT / source).exists()


def test_every_image_from_elsewhere_has_a_version():
    named = [line.split()[0] for line in _lines("FROM")]
    named.append(COMPOSE["services"]["orthanc"]["image"])
    assert all(re.fullmatch(r"[\w/]+:[\d.]+[\w.-]*", each) for each in named)


@pytest.mark.skipif(shutil.which("Orthanc") is None, reason="needs Orthanc")
def test_orthanc_starts_with_the_mounted_settings_and_lets_nobody_else_in(tmp_path):
    text = (ROOT / "deploy/orthanc.json").read_text()
    http, dicom = free_port(), free_port()
    settings = tmp_path / "orthanc.json"
    settings.write_text(
        text.replace("/var/lib/orthanc/db", str(tmp_path / "db"))
        .replace("8042", str(http))
        .replace("4242", str(dicom))
    )
    known = b64encode(b"change:me").decode()

    def status(**headers: str) -> int:
        connection = HTTPConnection("127.0.0.1", http, timeout=10)
        try:
            connection.request("GET", "/modalities/xray/configuration", None, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def listens() -> bool:
        try:
            return status() == 401
        except OSError:
            return False

    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(["Orthanc", settings], stdout=log, stderr=log)
    try:
        wait_until(listens)
        assert status(Authorization=f"Basic {known}") == 200
    finally:
        process.terminate()
        process.wait()


def test_every_run_line_is_shell_that_parses():
    for line in [*_lines("RUN"), _lines("HEALTHCHECK")[0].partition("CMD ")[2]]:
        subprocess.run(["sh", "-n", "-c", line], check=True)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_starts_a_command_that_there_is(service):
    words = [str(word) for word in COMPOSE["services"][service]["command"]]
    if service == "api":
        pytest.importorskip("xray.commands.serve")
    assert words[0] in _known()
    assert make_parser().parse_args(words).run
    assert COMPOSE["services"][service]["ports"][0].startswith("127.0.0.1:")


def test_the_image_by_itself_serves_the_page():
    (command,) = _lines("CMD")
    words = yaml.safe_load(command)
    assert words == COMPOSE["services"]["page"]["command"]
    assert _lines("ENTRYPOINT") == ['["xray"]']


def test_the_mounted_settings_are_right_and_fit_the_compose_file():
    services = COMPOSE["services"]
    config = read_config(ROOT / "deploy/node.toml")
    assert f":{config.port}" in services["node"]["ports"][0]
    assert f"spool:{config.spool}" in services["node"]["volumes"]
    assert f"spool:{config.spool}" in services["api"]["volumes"]
    assert config.spool == Path(services["api"]["command"][-1])
    (pacs,) = (each for each in config.destinations if each.name == "pacs")
    assert isinstance(pacs, DicomDestination)
    settings = yaml.safe_load((ROOT / "deploy/orthanc.json").read_text())
    assert (pacs.host, pacs.port) == ("orthanc", settings["DicomPort"])
    assert pacs.ae_title == settings["DicomAet"]
    modality = settings["DicomModalities"]["xray"]
    assert modality["AET"] == config.ae_title
    assert (modality["Host"], modality["Port"]) == ("node", config.port)
    assert settings["OverwriteInstances"] is False


def test_the_nodes_health_check_tells_a_running_node_from_one_that_is_not(tmp_path):
    text = (ROOT / "deploy/node.toml").read_text()
    text = text.replace("/var/lib/xray", str(tmp_path / "spool"))
    text = text.replace("port = 11112", "port = 0").replace('"0.0.0.0"', '"127.0.0.1"')
    config = tmp_path / "node.toml"
    config.write_text(text.replace("keep_free_gib = 5", "keep_free_gib = 0"))
    words = COMPOSE["services"]["node"]["healthcheck"]["test"]
    assert words[:2] == ["CMD", "xray"]
    check = [sys.executable, "-m", *words[1:]]
    check[check.index("/etc/xray/node.toml")] = str(config)

    def healthy() -> bool:
        done = subprocess.run(check, cwd=ROOT, capture_output=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        return done.returncode == 0

    with running(config) as node:
        assert healthy()
        assert end(node) == 0
    assert not healthy()


def test_the_apis_command_and_health_check_do_what_they_are_there_for(tmp_path):
    service, port = COMPOSE["services"]["api"], str(free_port())
    tokens = tmp_path / "tokens"
    tokens.write_text("a-token-that-nobody-would-guess\n")
    places = {
        "0.0.0.0": "127.0.0.1",
        "8000": port,
        "/run/secrets/tokens": str(tokens),
        "/var/lib/xray": str(tmp_path / "spool"),
    }
    words = [places.get(str(word), str(word)) for word in service["command"]]
    _, program, *rest = service["healthcheck"]["test"]
    assert program == "python"
    check = [sys.executable, *(word.replace("8000", port) for word in rest)]

    def healthy() -> bool:
        return subprocess.run(check, capture_output=True, check=False).returncode == 0

    assert not healthy()
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-m", "tests.servers.quick_classifier", *words]
        api = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_until(healthy)
    finally:
        api.terminate()
        assert api.wait(60) == 0


def test_the_health_check_of_the_page_is_python_that_compiles():
    check = _lines("HEALTHCHECK")[0].partition("CMD ")[2]
    program, flag, code = shlex.split(check)
    assert (program, flag) == ("python", "-c")
    assert "urlopen('http://127.0.0.1:" in code
    compile(code, "health", "exec")
