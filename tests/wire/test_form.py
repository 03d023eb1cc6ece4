"""Forms: the same bytes as `openai` sends, files of every kind, and what happens to those that change or cannot be read again."""

from __future__ import annotations

import gzip
import io
import os
import re
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from raw_server import RawServer, always, answer

from ceyx import omit
from ceyx.errors import OpenAIError
from ceyx.wire.form import JOINED_BYTES, PIECE_BYTES, Body, encoded

Files = tuple[str, ...]


@pytest.fixture(scope="module")
def recorder() -> Iterator[tuple[RawServer, openai.OpenAI]]:
    with (
        RawServer(always(answer(b"{}", b"content-type: application/json"))) as server,
        openai.OpenAI(api_key="key", base_url=server.url, max_retries=0) as client,
    ):
        yield server, client


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / 'rec "ü\\.wav'
    path.write_bytes(b"RIFF\r\n\r\n--x")
    return path


def form(params: dict[str, Any], files: Files = ("file",)) -> bytes:
    """The whole body, with a boundary `B`."""
    body, _ = encoded(params, files, "B")
    return body if isinstance(body, bytes) else b"".join(body)


def field(name: str, value: str) -> bytes:
    return f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


Sends = Callable[[openai.OpenAI, dict[str, Any]], object]
FILES: list[tuple[Sends, Files, dict[str, Any]]] = [
    (
        lambda client, params: client.files.create(**params),
        ("file",),
        {"file": b"{}", "purpose": "batch", "expires_after": {"anchor": "created_at", "seconds": 3600}},
    ),
    (
        lambda client, params: client.audio.transcriptions.create(**params),
        ("file",),
        {
            "file": ("a.mp3", b"ID3"),
            "model": "whisper-1",
            "chunking_strategy": {"type": "server_vad", "threshold": 0.5},
            "include": ["logprobs"],
            "language": None,
            "stream": False,
            "temperature": 0,
            "timestamp_granularities": ["word", "segment"],
        },
    ),
    (
        lambda client, params: client.images.edit(**params),
        ("image", "mask"),
        {"image": [b"a", ("b.png", b"b"), io.BytesIO(b"c")], "prompt": 'ein "Ü"\r\nzwei', "mask": b"m", "n": 2},
    ),
    (lambda client, params: client.images.edit(**params), ("image", "mask"), {"image": b"a", "prompt": "p", "n": 1}),
    (lambda client, params: client.uploads.parts.create("upload_1", **params), ("data",), {"data": b"12"}),
    (lambda client, params: client.containers.files.create("cntr_1", **params), ("file",), {"file": b"12"}),
]


@pytest.mark.parametrize(("send", "files", "params"), FILES)
def test_the_same_bytes_as_openai(
    send: Sends, files: Files, params: dict[str, Any], recorder: tuple[RawServer, openai.OpenAI]
) -> None:
    server, client = recorder
    send(client, params)
    assert form(params, files) == sent(server)


@pytest.mark.parametrize(
    "file",
    [
        b"abc",
        io.BytesIO(b"abc"),
        (None, b"abc"),
        ("", b"abc"),
        ("x.jsonl", b"abc"),
        ("x.json", io.BytesIO(b"abc"), None),
        ("x.json", b"abc", "text/x; charset=utf-8"),
        ("x.json", b"abc", None, {"content-type": "a/b", "x-more": "ü"}),
        ('na"m\r\ne\\%é\t☃\x7f.bin', b"abc", "text/x", {"X-More": "b"}),
        ("x.txt", "text"),
    ],
)
def test_each_kind_of_file_as_openai_sends_it(file: Any, recorder: tuple[RawServer, openai.OpenAI]) -> None:
    server, client = recorder
    client.files.create(file=file, purpose="batch")
    assert form({"purpose": "batch", "file": file}) == sent(server)


def test_files_on_disk_as_openai_sends_them(recording: Path, recorder: tuple[RawServer, openai.OpenAI]) -> None:
    server, client = recorder
    with recording.open("rb") as opened:
        for file in (recording, opened, ("other.wav", recording), ("other.wav", opened)):
            client.files.create(file=file, purpose="batch")
            assert form({"purpose": "batch", "file": file}) == sent(server)


def sent(server: RawServer) -> bytes:
    head, body = server.seen[-1]
    found = re.search(rb"boundary=(\S+)", head)
    assert found
    return body.replace(found[1], b"B")


def test_a_file_that_was_read_is_sent_whole_as_by_openai(recorder: tuple[RawServer, openai.OpenAI]) -> None:
    """Files that were just written are passed on like this."""
    server, client = recorder
    file = io.BytesIO()
    file.write(b"abc")
    client.files.create(file=file, purpose="batch")
    file.seek(2)
    assert form({"purpose": "batch", "file": file}) == sent(server)
    assert b"\r\n\r\nabc\r\n" in sent(server)


def test_fields() -> None:
    params = {
        "a": True,
        "b": 1.5,
        "c": ["x", 2],
        "d": {"e": {"f": False}},
        "g": None,
        "h": omit,
        "i": "",
        "j": [{"k": 1}, {"k": 2}],
    }
    fields = [
        ("a", "true"),
        ("b", "1.5"),
        ("c[]", "x"),
        ("c[]", "2"),
        ("d[e][f]", "false"),
        ("i", ""),
        ("j[][k]", "1"),
        ("j[][k]", "2"),
    ]
    assert form(params) == b"".join(field(name, value) for name, value in fields) + b"--B--\r\n"
    assert form({"file": None, "n": 1}) == form({"file": omit, "n": 1}) == field("n", "1") + b"--B--\r\n"
    assert form({}) == b"--B--\r\n"


def test_an_omit_within() -> None:
    assert form({"a": {"b": omit, "c": 1}, "d": [omit, 2]}) == field("a[c]", "1") + field("d[]", "2") + b"--B--\r\n"


def test_the_boundary_is_another_each_time() -> None:
    (_, first), (_, second) = encoded({}, ()), encoded({}, ())
    assert re.fullmatch(r"multipart/form-data; boundary=[0-9a-f]{32}", first)
    assert first != second


# ---- what is refused


@pytest.mark.parametrize("file", ["path.txt", 5, {"a": 1}, [["x"]], ["x"]])
def test_what_is_no_file(file: Any) -> None:
    with pytest.raises(TypeError, match=r"file(\[\])? is a \w+, which is no file: give bytes, a pathlib.Path"):
        encoded({"file": file}, ("file",))


@pytest.mark.parametrize("file", [("a",), ("a", b"b", None, {}, 1)])
def test_what_is_no_tuple_of_a_file(file: Any) -> None:
    with pytest.raises(TypeError, match=r"file is a tuple of \d; give \(name, content"):
        encoded({"file": file}, ("file",))


def test_text_mode(recording: Path) -> None:
    match = r"file is a file opened in text mode; open it in binary mode"
    with recording.open() as opened, pytest.raises(TypeError, match=match):
        encoded({"file": opened}, ("file",))
    with tempfile.NamedTemporaryFile("w+") as opened, pytest.raises(TypeError, match=match):
        encoded({"file": opened}, ("file",))
    with pytest.raises(TypeError, match=match):
        encoded({"file": ("a.txt", io.StringIO("x"))}, ("file",))


def test_a_file_open_for_writing() -> None:
    with (
        tempfile.NamedTemporaryFile("wb") as opened,
        pytest.raises(TypeError, match="file is a file that is not open for reading"),
    ):
        encoded({"file": opened}, ("file",))


def test_a_file_that_is_awaited() -> None:
    class Awaited:
        async def read(self, size: int = -1) -> bytes:
            return b""

    with pytest.raises(TypeError, match="file is a Awaited, which is read with await; give the file inside it"):
        encoded({"file": Awaited()}, ("file",))


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        encoded({"file": tmp_path / "none"}, ("file",))
    with pytest.raises(IsADirectoryError):
        encoded({"file": tmp_path}, ("file",))
    opened = (tmp_path / "closed").open("wb+")
    opened.close()
    with pytest.raises(ValueError, match="closed file"):
        encoded({"file": opened}, ("file",))


@pytest.mark.parametrize("headers", [{"x": "a\r\nb"}, {"x y": "a"}, {"": "a"}, {"x": "a\0"}])
def test_headers_that_would_be_others(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"file has a header .* that cannot be sent"):
        encoded({"file": ("a", b"b", None, headers)}, ("file",))
    with pytest.raises(ValueError, match="'Content-Type' that cannot be sent"):
        encoded({"file": ("a", b"b", "a/b\r\nx: y")}, ("file",))


def test_a_lone_surrogate() -> None:
    with pytest.raises(ValueError, match="prompt holds text with a lone surrogate"):
        encoded({"prompt": "a\ud800"}, ())
    assert b'filename="a?.txt"' in form({"file": ("a\udcff.txt", b"")})


# ---- in pieces


def body_of(file: Any) -> Body:
    body, _ = encoded({"purpose": "batch", "file": file}, ("file",), "B")
    assert isinstance(body, Body)
    return body


def test_what_is_small_is_joined(tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(b"x" * (JOINED_BYTES - 1000))
    body, _ = encoded({"file": tmp_path / "small"}, ("file",))
    assert isinstance(body, bytes)
    assert not body_of(bytes(JOINED_BYTES)).waits


def big(path: Path, size: int = 3 * PIECE_BYTES + 17) -> Path:
    path.write_bytes(os.urandom(size))
    return path


def test_large_ones_are_read_as_they_are_sent_and_can_be_sent_again(tmp_path: Path) -> None:
    path = big(tmp_path / "big")
    with path.open("rb") as opened, path.open("rb", buffering=0) as raw:
        for file in (path, opened, raw, io.BytesIO(path.read_bytes()), path.read_bytes()):
            body = body_of(file)
            whole = b"".join(body)
            assert path.read_bytes() in whole
            assert body.size == len(whole)
            assert body.replayable
            assert body.waits == (file in (path, opened, raw))
            for _ in zip(body, range(2), strict=False):  # a try that was broken off
                pass
            assert b"".join(body) == whole
            assert max(map(len, body)) <= PIECE_BYTES


def test_a_file_of_any_size_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(1 << 28)
    tracemalloc.start()
    try:
        body = body_of(path)
        assert sum(map(len, body)) == body.size
        assert tracemalloc.get_traced_memory()[1] < 8 * PIECE_BYTES
    finally:
        tracemalloc.stop()


def test_a_compressed_file_is_as_long_as_what_is_read_from_it(tmp_path: Path) -> None:
    """Its file on disk is shorter."""
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(bytes(200_000)))
    with gzip.open(path) as opened:
        body = body_of(opened)
        assert body.size == len(b"".join(body)) > 200_000


def test_several_files_and_one_of_them_twice(tmp_path: Path) -> None:
    with big(tmp_path / "big").open("rb") as opened:
        body, _ = encoded({"file": [opened, opened]}, ("file",))
        assert b"".join(body).count((tmp_path / "big").read_bytes()) == 2 if isinstance(body, Body) else False


@pytest.mark.parametrize(("change", "how"), [(-5, "ended 5 bytes before"), (5, "goes on"), (-PIECE_BYTES * 9, "ended")])
@pytest.mark.parametrize("given", ["path", "file"])
def test_a_file_that_changes_while_it_is_sent(change: int, how: str, given: str, tmp_path: Path) -> None:
    path = big(tmp_path / "log.jsonl")
    size = path.stat().st_size
    with path.open("rb") as opened:
        body = body_of(path if given == "path" else opened)
        os.truncate(path, max(size + change, 0))
        with pytest.raises(OpenAIError, match=rf"'.*log.jsonl' changed while it was sent: it had {size:,} bytes, and {how}"):
            for _ in body:
                pass
    os.truncate(path, size)
    if given == "path":
        assert len(b"".join(body)) == body.size


def test_a_file_that_grows_is_not_sent_to_its_end(tmp_path: Path) -> None:
    """What is sent then has no end, so that no server takes it for the whole."""
    path = big(tmp_path / "log")
    body = body_of(path)
    os.truncate(path, path.stat().st_size + 1)
    received = b""
    with pytest.raises(OpenAIError, match="goes on"):
        for piece in body:
            received += piece
    assert body.size is not None
    assert len(received) < body.size - len(b"\r\n--B--\r\n")


def test_a_path_that_is_gone_when_it_is_sent(tmp_path: Path) -> None:
    body = body_of(big(tmp_path / "gone"))
    (tmp_path / "gone").unlink()
    with pytest.raises(OpenAIError, match=r"'.*gone' could not be read while it was sent: .*No such file") as caught:
        list(body)
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def test_a_pipe_is_sent_once_and_has_no_length() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source:
        os.write(writing, b"from a pipe")
        os.close(writing)
        body = body_of(("name.txt", source))
        assert (body.size, body.replayable, body.waits) == (None, True, True)
        assert b"\r\n\r\nfrom a pipe\r\n--B--\r\n" in b"".join(body)
        assert not body.replayable
        with pytest.raises(
            OpenAIError, match="cannot be sent again: it cannot seek back to its beginning; give a path, or bytes"
        ):
            list(body)


def test_a_named_pipe_is_a_path_without_a_length(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    body = body_of(tmp_path / "fifo")
    assert (body.size, body.replayable) == (None, True)


def test_an_object_that_can_only_read() -> None:
    class Source:
        left = 3

        def read(self, size: int = -1) -> bytes:
            if not size:
                return b""
            self.left -= 1
            return b"abc" if self.left >= 0 else b""

    assert b"\r\n\r\nabcabcabc\r\n" in b"".join(body_of(("a", Source())))


def test_a_temporary_file_in_its_wrapper() -> None:
    """Which `openai` refuses, as it is no IOBase."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"abc")
        file.flush()
        assert f'filename="{Path(file.name).name}"'.encode() in form({"file": file})
        assert b"\r\n\r\nabc\r\n" in form({"file": file})
