"""What is built installs and works without the repository: a wheel, in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", out, ROOT]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    (made,) = out.glob("ceyx-*.whl")
    return made


def test_a_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "ceyx/py.typed" in names
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"ceyx"}
    assert wheel.stat().st_size < 1_200_000


def test_a_wheel_works_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True, capture_output=True, timeout=300)
    program = """
import ceyx
from ceyx.types.chat import ChatCompletion, ChatCompletionMessageParam
client = ceyx.OpenAI(api_key="k", base_url="http://127.0.0.1:9/v1", max_retries=0)
try:
    client.models.list()
except ceyx.APIConnectionError as error:
    print("refused" in str(error))
"""
    run = subprocess.run([python, "-c", program], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert run.stdout == "True\n", run.stderr
    # Without the extras, the command line says what to install.
    run = subprocess.run([python.parent / "ceyx", "chat", "hi"], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert run.returncode != 0
    assert "pip install 'ceyx[cli]'" in run.stderr
