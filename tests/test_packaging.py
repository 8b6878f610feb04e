"""The wheel, in an environment of its own, and what the requirements say of it."""

import json
import os
import sys
import tomllib
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import xray
from tests.archives import FILMS, film, radiograph, write
from tests.datasets import make_manifest
from tests.wheel import ROOT, install_wheel, run
from xray.cli import main
from xray.extras import DISTRIBUTION, EXTRAS

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
OPTIONAL = {
    extra: [Requirement(line) for line in lines]
    for extra, lines in PROJECT["optional-dependencies"].items()
}
WHOLE = ("app", "lab")  # extras that requirements.txt holds beside the core

# Refuses to import what the core is not to need, as if it weren't installed.
CORE_ONLY = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {sorted(EXTRAS)!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
from xray.cli import main
sys.exit(main(sys.argv[1:]))
"""


def pinned(name: str) -> dict[str, Requirement]:
    """What a requirements file of the checkout pins, by name."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = (Requirement(line) for line in lines if line[:1].isalpha())
    return {canonicalize_name(each.name): each for each in found}


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(each.name) for each in requirements}


def size_of(requirements: list[Requirement]) -> int:
    """Bytes that packages take here, with all that they need themselves."""
    waiting, seen, total = list(requirements), set(), 0
    while waiting:
        name = canonicalize_name(waiting.pop().name)
        if name in seen:
            continue
        seen.add(name)
        package = distribution(name)
        paths = (Path(str(file.locate())) for file in package.files or ())
        total += sum(path.stat().st_size for path in paths if path.is_file())
        needed = (Requirement(line) for line in package.requires or ())
        waiting += [
            r for r in needed if not r.marker or r.marker.evaluate({"extra": ""})
        ]
    return total


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scripts of an environment with the wheel, far from the checkout."""
    return install_wheel(tmp_path_factory.mktemp("installed"))


def test_wheel_answers_a_film_as_the_checkout_does(installed, tmp_path, capsys):
    film = FILMS / "hand.jpg"
    assert main(["predict", str(film), "--json"]) == 0
    here = json.loads(capsys.readouterr().out)
    done = run(installed / "xray", "predict", film, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == here


def test_wheel_is_imported_from_its_own_folder_with_its_weights(installed, tmp_path):
    code = "import xray; from xray.network.weights import MODELS; "
    code += "print(xray.__file__, MODELS, sep='\\n')"
    done = run(installed / "python", "-c", code, cwd=tmp_path)
    package, models = map(Path, done.stdout.splitlines())
    assert installed.parent in package.parents
    assert models == package.parent / "shipped" / "models"
    assert (models / "README.md").is_file()  # whose weights they are


def test_wheel_looks_for_findings_as_the_checkout_does(installed, tmp_path, capsys):
    words = ("predict", FILMS / "hand.jpg", "--json", "--findings")
    assert main([str(word) for word in words]) == 0
    here = json.loads(capsys.readouterr().out)
    done = run(installed / "xray", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == here
    assert 0 < here["fracture"]["probability"] < 1


def test_weights_of_findings_take_at_most_6_megabytes():
    assert (ROOT / "models" / "findings.npz").stat().st_size <= 6_000_000


def test_installed_help_comes_in_a_second_without_anything_heavy(installed, tmp_path):
    begun = os.times()
    done = run(installed / "xray", "--help", cwd=tmp_path)
    ended = os.times()  # processor time: a busy machine is no fault of the command
    used = ended.children_user - begun.children_user
    assert used + ended.children_system - begun.children_system < 1
    assert done.stdout.startswith("usage: xray")
    traced = (installed / "python", "-X", "importtime", "-m", "xray", "--help")
    imported = run(*traced, cwd=tmp_path)
    for heavy in ("numpy", "cv2", "openvino", "streamlit", "keras", "importlib.metad"):
        assert heavy not in imported.stderr


def test_wheel_carries_the_page_that_the_checkout_serves(installed, tmp_path):
    code = "from xray.place import shipped; print(shipped('app.py').parent)"
    top = Path(run(installed / "python", "-c", code, cwd=tmp_path).stdout.strip())
    pages = {path.name for path in ROOT.glob("pages/*.py")}
    assert {path.name for path in top.glob("pages/*.py")} == pages
    for name in ("app.py", ".streamlit/config.toml"):
        assert (top / name).read_bytes() == (ROOT / name).read_bytes()


def test_version_is_said_once_and_told_everywhere(installed, tmp_path):
    assert "version" not in PROJECT
    done = run(installed / "xray", "--version", cwd=tmp_path)
    assert done.stdout.strip() == xray.__version__
    code = f"from importlib.metadata import version; print(version({DISTRIBUTION!r}))"
    told = run(installed / "python", "-c", code, cwd=tmp_path).stdout.strip()
    assert told == xray.__version__
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## [{xray.__version__}] - " in changes


@pytest.mark.parametrize(
    "words",
    [
        ("predict", FILMS / "hand.jpg", "--json", "--heatmaps", "maps"),
        ("predict", FILMS / "hand.jpg", "--findings"),
        ("explain", FILMS / "hand.jpg", "--out", "hand.png", "--gif", "hand.gif"),
        ("convert", "dicom", "png"),
        ("audit", "dicom", "--out", "audit"),
        ("report", "dicom/hand.dcm", "--out", "report.dcm"),
        ("fix", "dicom/hand.dcm", "--out", "fixed.dcm"),
    ],
    ids=lambda words: words[0],
)
def test_core_needs_nothing_that_an_extra_brings(words, tmp_path):
    hand = radiograph(film("hand"), BodyPartExamined="CHEST")
    write(tmp_path / "dicom" / "hand.dcm", hand)
    done = run(sys.executable, "-P", "-c", CORE_ONLY, *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("command", "extra"), [("app", "app"), ("train", "lab")])
def test_missing_extra_is_said_with_what_installs_it(command, extra, tmp_path):
    make_manifest(tmp_path)
    words = (command,) if command == "app" else (command, tmp_path)
    done = run(sys.executable, "-P", "-c", CORE_ONLY, *words, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: Expected ")
    assert done.stderr.endswith(f"pip install '{DISTRIBUTION}[{extra}]'\n")


def test_extras_of_the_modules_are_those_of_the_project():
    assert PROJECT["name"] == DISTRIBUTION
    declared = {
        (canonicalize_name(each.name), extra)
        for extra, requirements in OPTIONAL.items()
        for each in requirements
    }
    told = {(canonicalize_name(name), extra) for name, extra in EXTRAS.items()}
    assert told == declared
    assert all(find_spec(module) for module in EXTRAS)


def test_requirements_are_the_core_with_app_and_lab():
    core = [Requirement(line) for line in PROJECT["dependencies"]]
    wanted = names(core).union(*(names(OPTIONAL[extra]) for extra in WHOLE))
    assert set(pinned("requirements.txt")) == wanted


def test_core_takes_at_most_700_megabytes():
    needs = size_of([Requirement(line) for line in PROJECT["dependencies"]])
    own = (path for name in ("xray", "models") for path in (ROOT / name).rglob("*"))
    carried = sum(path.stat().st_size for path in own if path.is_file())
    assert needs + carried <= 700_000_000


def test_versions_that_are_tested_are_those_that_are_asked_for():
    pins = pinned("requirements.txt") | pinned("requirements-dev.txt")
    declared = [Requirement(line) for line in PROJECT["dependencies"]]
    for requirement in declared + [each for all_ in OPTIONAL.values() for each in all_]:
        (pin,) = pins[canonicalize_name(requirement.name)].specifier
        (range_,) = requirement.specifier
        assert (pin.operator, range_.operator) == ("==", "~="), requirement
        assert f"{pin.version}.".startswith(f"{range_.version}."), requirement
