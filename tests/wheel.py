"""The wheel, built and installed into an environment of its own."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, with nothing of the checkout on its path."""
    variables = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=variables,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def install_wheel(folder: Path) -> Path:
    """Build the wheel, and install it into a new environment: its scripts.

    What the wheel needs comes from this environment, so that nothing is downloaded.
    """
    hatchling = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d")
    built = run(*hatchling, folder, cwd=ROOT)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    home = folder / "venv"
    venv.create(home)
    scripts = home / "bin"
    pip = (sys.executable, "-m", "pip", "--python", scripts / "python")
    done = run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    (site,) = home.glob("lib/python*/site-packages")
    (site / "needs.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return scripts
