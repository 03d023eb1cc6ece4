"""The fuzz targets on every committed input, and the search itself: it finds a bug that chance alone would not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.append(str(ROOT))  # the targets are no part of the package

from ceyx.errors import OpenAIError  # noqa: E402
from fuzz import targets  # noqa: E402
from fuzz.__main__ import searched  # noqa: E402
from fuzz.engine import Search, Target, TooLong  # noqa: E402

INPUTS = [(name, path) for name in targets.TARGETS for path in sorted((ROOT / "fuzz" / "corpus" / name).iterdir())]


@pytest.mark.parametrize(("name", "path"), INPUTS, ids=[f"{name}-{path.name}" for name, path in INPUTS])
def test_a_committed_input_passes(name: str, path: Path) -> None:
    targets.TARGETS[name].run(path.read_bytes())


def test_every_operation_is_in_the_corpus() -> None:
    operations = {data.partition(b" ")[0].decode() for data in targets.corpus("answers")}
    assert operations == set(targets.OPERATIONS)


def test_every_file_that_guides_a_search_exists() -> None:
    for target in targets.TARGETS.values():
        for file in target.files:
            assert (ROOT / "src" / file).exists()


def hidden(data: bytes) -> None:
    if data[:1] != b"{":
        return
    if data[1:2] != b"}":
        return
    if data[2:3] == b"7":
        raise ZeroDivisionError("reached")


def endless(data: bytes) -> None:
    while len(data) > 3:
        pass


def test_a_search_finds_what_hides_behind_several_conditions_and_makes_it_small() -> None:
    search = Search(
        Target("hidden", hidden, [b"x"], (Path(__file__).name,)), [b"some input, of which most is not needed"], seed=1
    )
    found = search.run(seconds=60)
    assert found is not None
    assert (found.data, str(found.error)) == (b"{}7", "reached")


def test_a_search_ends_at_what_does_not_end() -> None:
    found = Search(Target("endless", endless, [], (Path(__file__).name,)), [b"aaaa"], seed=1).run(seconds=60)
    assert found is not None
    assert isinstance(found.error, TooLong)


def test_what_is_found_is_written_down_with_how_to_repeat_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("fuzz.__main__.CRASHES", tmp_path)
    monkeypatch.setattr("fuzz.__main__.corpus", lambda name: [b"{}7 and more"])
    assert searched(Target("hidden", hidden, [], (Path(__file__).name,)), 60, 1) == 1
    (crash,) = tmp_path.iterdir()
    assert crash.read_bytes() == b"{}7"
    said = capsys.readouterr()
    assert "BROKEN" in said.out
    assert f"python -m fuzz hidden {crash}" in said.err
    assert "ZeroDivisionError: reached" in said.err


@pytest.mark.parametrize("said", ["\x1b[2Jgone", "turned \u202e round", "half \ud800"])
def test_a_message_that_would_control_a_terminal_is_found(said: str) -> None:
    error = OpenAIError(said)
    with pytest.raises(AssertionError, match="control a terminal"):
        targets.check_error(error)


def test_a_key_in_a_message_is_found() -> None:
    with pytest.raises(AssertionError, match="the key is shown"):
        targets.check_error(OpenAIError(f"refused {targets.KEY}"))
