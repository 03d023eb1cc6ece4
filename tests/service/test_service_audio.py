"""Speech and transcription: recordings that any player would play, and that say again what was said."""

from __future__ import annotations

import asyncio
import io
import struct
import wave
from base64 import b64decode
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from typing import Any

import openai
import pytest
from hypothesis import given, strategies as st
from plain_http import Wire

import ceyx
from ceyx.service import LocalService
from ceyx.service.engines.heard import seconds_of, text_of
from ceyx.service.engines.opus_tones import packet
from ceyx.service.engines.recordings import FORMATS
from ceyx.service.engines.speech import Speech
from ceyx.service.engines.transcripts import Transcript

TEXT = "Hello, wörld! This is the local service: 日本."


@pytest.fixture(scope="module")
def client(service: LocalService) -> Iterator[ceyx.OpenAI]:
    with ceyx.OpenAI(base_url=service.url, api_key="any") as client:
        yield client


def crc(data: bytes, polynomial: int, width: int) -> int:
    """A checksum bit by bit, as the formats' documents define it."""
    value = 0
    for byte in data:
        value ^= byte << (width - 8)
        for _ in range(8):
            value = (value << 1) ^ (polynomial if value >> (width - 1) & 1 else 0)
            value &= (1 << width) - 1
    return value


def untagged(recording: bytes) -> bytes:
    """What follows the ID3 tag."""
    assert recording[:4] == b"ID3\x04"
    return recording[10 + int.from_bytes(recording[6:10]) - 128 * recording[8] :]


def line_of(block: str) -> int | None:
    """The line of the spectrum that a block of AAC says to sound, read as ISO 14496-3 has it; None: silence."""
    bits = iter(block)

    def read(count: int) -> int:
        return int("".join(next(bits) for _ in range(count)), 2)

    assert (read(3), read(4)) == (0, 0)  # a channel, the first
    loudness, windows, bands, predicted = read(8), read(4), read(6), read(1)
    assert (windows, predicted) == (0, 0)
    place, coded = 0, list[int]()
    while place < bands:
        table, count = read(4), read(5)
        coded += range(place, place + count) if table else ()
        assert count and table in (0, 3)
        place += count
    assert place == bands
    assert [read(1) for _ in coded] == [0] * len(coded)  # all as loud as the channel
    assert read(3) == 0  # no tools
    ends = [0, *range(4, 45, 4), *range(52, 125, 8), 136]
    sounding: list[int] = []
    for band in coded:
        for four in range(ends[band], ends[band + 1], 4):
            if read(1):
                sounding.append(four + ("000", "010", "011", "001").index(f"{read(3):03b}"))
                read(1)  # its sign
    assert read(3) == 7 and set(bits) <= {"0"}
    assert len(sounding) == len(coded) == (loudness > 0)
    return sounding[0] if sounding else None


class TestFormats:
    """What each format's own document asks of a file. All but pcm were also decoded by FFmpeg when this was written."""

    def test_wav(self) -> None:
        speech = Speech(TEXT)
        with wave.open(io.BytesIO(FORMATS["wav"][1](speech))) as recording:
            assert (recording.getframerate(), recording.getnchannels(), recording.getsampwidth()) == (24_000, 1, 2)
            assert recording.getnframes() == speech.length
            samples = recording.readframes(speech.length)
        assert samples == FORMATS["pcm"][1](speech)
        loudest = max(abs(value) for (value,) in struct.iter_unpack("<h", samples))
        assert 4000 < loudest < 16_000

    def test_flac(self) -> None:
        speech = Speech(TEXT)
        flac = FORMATS["flac"][1](speech)
        assert flac[:4] == b"fLaC" and flac[4:8] == b"\0\0\0\x22"
        samples = speech.samples()
        assert flac[8 + 18 : 8 + 34] == md5(samples).digest()
        start = 4 + 4 + 34
        start += 4 + int.from_bytes(flac[start + 1 : start + 4])
        read = b""
        for number in range(-(-speech.length // 4096)):
            assert flac[start : start + 4] == b"\xff\xf8\x77\x08" and flac[start + 4] == number
            size = 2 * (int.from_bytes(flac[start + 5 : start + 7]) + 1)
            assert flac[start + 7] == crc(flac[start : start + 7], 0x07, 8)
            assert flac[start + 8] == 2
            end = start + 9 + size
            assert flac[end : end + 2] == struct.pack(">H", crc(flac[start:end], 0x8005, 16))
            read += b"".join(flac[i : i + 2][::-1] for i in range(start + 9, end, 2))
            start = end + 2
        assert start == len(flac)
        assert read == samples

    def test_opus(self) -> None:
        speech = Speech(TEXT * 3)
        ogg, start, granules, packets = FORMATS["opus"][1](speech), 0, list[int](), list[bytes]()
        while start < len(ogg):
            assert ogg[start : start + 4] == b"OggS"
            _, flags, granule, _, number, check, lacing = struct.unpack_from("<BBqIIIB", ogg, start + 4)
            end = start + 27 + lacing + sum(ogg[start + 27 : start + 27 + lacing])
            page = ogg[start : start + 22] + bytes(4) + ogg[start + 26 : end]
            assert check == crc(page, 0x04C11DB7, 32)
            assert number == len(granules)
            assert flags == (2 if number == 0 else 4 if end == len(ogg) else 0)
            granules.append(granule)
            sizes, place = ogg[start + 27 : start + 27 + lacing], start + 27 + lacing
            for size in sizes if number > 1 else b"":
                packets.append(ogg[place : place + size])
                place += size
            start = end
        assert granules == sorted(granules)
        assert granules[-1] == 312 + 2 * speech.length
        for letter, tone in enumerate(speech.tones):  # that of each letter sounds in its middle
            middle = 312 + 2 * (letter * speech.letter + speech.letter // 2)
            assert packets[middle // 960] == packet(tone)
        assert len({packet(tone) for tone in range(150, 1351, 50)}) == 25
        assert packet(0) == b"\x98\xff\xfe" != packet(1) == packet(150) != packet(2000) == packet(1350)

    def test_mp3(self) -> None:
        speech = Speech(TEXT)
        frames = untagged(FORMATS["mp3"][1](speech))
        assert len(frames) == 96 * -(-speech.length // 576)
        assert all(frames[i : i + 4] == b"\xff\xf3\x44\xc0" for i in range(0, len(frames), 96))

    def test_aac(self) -> None:
        speech, count = Speech(TEXT, voice="echo"), 0
        frames = untagged(FORMATS["aac"][1](speech))
        while frames:
            head = int.from_bytes(frames[:7])
            assert (head >> 40, head >> 34 & 63, head >> 30 & 7) == (0xFFF1, 0b01_0110, 1)  # LC, 24 kHz, one channel
            size = head >> 13 & 0x1FFF
            block = f"{int.from_bytes(frames[7:size]):0{8 * (size - 7)}b}"
            tone = speech.tones[min(count * 1024 // speech.letter, len(TEXT) - 1)]
            assert line_of(block) == (round(tone / (12_000 / 1024)) if tone else None)
            frames, count = frames[size:], count + 1
        assert count == -(-speech.length // 1024)

    def test_voices_and_speeds_differ(self) -> None:
        slow, fast, other = Speech("a"), Speech("a", speed=2), Speech("a", voice="echo")
        assert fast.length * 2 == slow.length
        assert slow.samples() != other.samples()


@given(st.text(min_size=1, max_size=60).filter(lambda text: not any("\ud800" <= letter <= "\udfff" for letter in text)))
def test_every_text_is_heard_again(text: str) -> None:
    for name, (_, make) in FORMATS.items():
        speech = Speech(text, speed=4)
        recording = make(speech)
        assert text_of(recording) == text, name
        assert seconds_of(recording) == pytest.approx(speech.seconds, abs=0.05), name


@given(st.sampled_from(sorted(FORMATS)), st.integers(0, 400), st.binary(max_size=3), st.integers(0, 300))
def test_broken_recordings_are_no_error(form: str, place: int, junk: bytes, length: int) -> None:
    recording = FORMATS[form][1](Speech("Hello", speed=4))
    broken = recording[:place] + junk + recording[place + len(junk) : place + length]
    text_of(broken)
    assert seconds_of(broken) >= 0


@pytest.mark.parametrize("form", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_speech_is_transcribed_to_its_text(client: ceyx.OpenAI, tmp_path: Path, form: Any) -> None:
    speech = client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT, response_format=form)
    assert speech.response.headers["content-type"] == FORMATS[form][0]
    path = tmp_path / f"speech.{form}"
    speech.write_to_file(path)
    assert client.audio.transcriptions.create(model="whisper-1", file=path).text == TEXT
    with pytest.warns(DeprecationWarning):
        assert client.audio.translations.create(model="whisper-1", file=path).text == TEXT


def test_speech_in_events(wire: Wire) -> None:
    body = {"model": "gpt-4o-mini-tts", "voice": {"id": "voice_1"}, "input": TEXT}
    answer = wire.post("/v1/audio/speech", body)
    *deltas, done = wire.events("/v1/audio/speech", {**body, "stream_format": "sse"})
    assert b"".join(b64decode(event["audio"]) for event in deltas) == answer.data
    assert {event["type"] for event in deltas} == {"speech.audio.delta"}
    assert done["type"] == "speech.audio.done"
    assert done["usage"]["total_tokens"] == done["usage"]["input_tokens"] + done["usage"]["output_tokens"]


class TestTranscriptions:
    FILE = ("speech.wav", FORMATS["wav"][1](Speech("Hello there. Who is it?")))

    def test_text_and_subtitles(self, client: ceyx.OpenAI) -> None:
        def written(form: Any) -> Any:
            return client.audio.transcriptions.create(model="whisper-1", file=self.FILE, response_format=form)

        assert written("text") == "Hello there. Who is it?\n"
        assert written("srt") == (
            "1\n00:00:00,000 --> 00:00:00,864\nHello there.\n\n2\n00:00:00,936 --> 00:00:01,656\nWho is it?\n\n"
        )
        assert written("vtt").startswith("WEBVTT\n\n00:00:00.000 --> 00:00:00.864\nHello there.\n\n")

    def test_verbose(self, client: ceyx.OpenAI) -> None:
        verbose = client.audio.transcriptions.create(
            model="whisper-1", file=self.FILE, response_format="verbose_json", timestamp_granularities=["word", "segment"]
        )
        assert verbose.duration == pytest.approx(1.656)
        assert verbose.language == "english"
        assert [segment.text for segment in verbose.segments or ()] == ["Hello there.", "Who is it?"]
        assert [word.word for word in verbose.words or ()] == ["Hello", "there", "Who", "is", "it"]
        assert verbose.segments is not None and verbose.segments[1].end == verbose.duration
        words = client.audio.transcriptions.create(
            model="whisper-1", file=self.FILE, response_format="verbose_json", timestamp_granularities=["word"], language="de"
        )
        assert (words.segments, words.language) == (None, "german")

    def test_diarized(self, client: ceyx.OpenAI) -> None:
        diarized = client.audio.transcriptions.create(
            model="gpt-4o-transcribe-diarize",
            file=self.FILE,
            response_format="diarized_json",
            known_speaker_names=["Ann", "Bob"],
        )
        assert [(segment.speaker, segment.text) for segment in diarized.segments] == [
            ("Ann", "Hello there."),
            ("Bob", "Who is it?"),
        ]

    def test_stream(self, client: ceyx.OpenAI) -> None:
        with client.audio.transcriptions.create(model="gpt-4o-transcribe", file=self.FILE, stream=True) as stream:
            *deltas, done = list(stream)
        assert all(event.type == "transcript.text.delta" for event in deltas) and len(deltas) > 3
        assert done.type == "transcript.text.done"
        assert "".join(getattr(event, "delta", "") for event in deltas) == done.text == "Hello there. Who is it?"
        assert done.usage is not None and done.usage.type == "tokens"

    def test_async(self, service: LocalService) -> None:
        async def transcribed() -> str:
            async with ceyx.AsyncOpenAI(base_url=service.url, api_key="any") as client:
                speech = await client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT)
                heard = await client.audio.transcriptions.create(model="whisper-1", file=("a.mp3", speech.content))
                return heard.text

        assert asyncio.run(transcribed()) == TEXT

    def test_other_recordings(self, client: ceyx.OpenAI) -> None:
        heard = client.audio.transcriptions.create(model="gpt-4o-mini-transcribe", file=("meeting.mp3", b"\0" * 32_000))
        assert "meeting.mp3 has 32000 bytes" in heard.text
        assert heard.usage is not None and heard.usage.type == "tokens"
        assert heard.usage.total_tokens == heard.usage.input_tokens + heard.usage.output_tokens

    @pytest.mark.parametrize(
        ("fields", "param"),
        [
            ({"file": ("a.txt", b"a")}, "file"),
            ({"file": ("a.mp3", b"")}, "file"),
            ({"response_format": "xml"}, "response_format"),
            ({"response_format": "diarized_json"}, "response_format"),
            ({"model": "gpt-4o-transcribe", "response_format": "srt"}, "response_format"),
            ({"temperature": 2}, "temperature"),
        ],
    )
    def test_refusals(self, client: ceyx.OpenAI, fields: dict[str, Any], param: str) -> None:
        with pytest.raises(ceyx.BadRequestError) as refused:
            client.audio.transcriptions.create(**{"model": "whisper-1", "file": self.FILE, **fields})
        assert refused.value.param == param

    def test_a_form_is_needed(self, wire: Wire) -> None:
        assert wire.post("/v1/audio/transcriptions", {"model": "whisper-1"}).status == 400
        answer = wire.pool.request(
            "POST", f"{wire.service.url}/audio/transcriptions", fields={"model": "whisper-1"}, encode_multipart=True
        )
        assert (answer.status, answer.json()["error"]["param"]) == (400, "file")


def test_voices_of_ones_own(client: ceyx.OpenAI) -> None:
    sample = ("sample.wav", b"RIFF")
    consent = client.audio.voice_consents.create(name="Ann", language="en-US", recording=sample)
    assert client.audio.voice_consents.update(consent.id, name="Anna").name == "Anna"
    assert client.audio.voice_consents.retrieve(consent.id).language == "en-US"
    assert [each.id for each in client.audio.voice_consents.list()] == [consent.id]
    voice = client.audio.voices.create(name="mine", audio_sample=sample, consent=consent.id)
    described = client.audio.voices.create(name="other", type="prompt", prompt="Deep and calm")
    assert (voice.type, described.prompt) == ("audio_sample", "Deep and calm")
    spoken = [
        client.audio.speech.create(model="tts-1", voice={"id": each.id}, input="Hello").content for each in (voice, described)
    ]
    assert [text_of(each) for each in spoken] == ["Hello", "Hello"]
    assert client.audio.voices.delete(voice.id).deleted and client.audio.voice_consents.delete(consent.id).deleted
    with pytest.raises(ceyx.NotFoundError, match=consent.id):
        client.audio.voice_consents.retrieve(consent.id)
    with pytest.raises(ceyx.NotFoundError):
        client.audio.voices.create(name="mine", audio_sample=sample, consent=consent.id)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": "a" * 4097}, "input"),
        ({"voice": ""}, "voice"),
        ({"speed": 9}, "speed"),
        ({"response_format": "midi"}, "response_format"),
        ({"stream_format": "sse"}, "stream_format"),
    ],
)
def test_refusals(wire: Wire, fields: dict[str, Any], param: str) -> None:
    answer = wire.post("/v1/audio/speech", {"model": "tts-1", "voice": "alloy", "input": "a", **fields})
    assert (answer.status, answer.json()["error"]["param"]) == (400, param)


def test_sentences_and_words_of_any_text() -> None:
    for text in ("", "  ", "...", "One", "3.14 is pi. Is it?", "Line\nline"):
        transcript = Transcript(text, 2.0)
        assert "".join(each.text for each in transcript.sentences).replace(" ", "") == text.replace(" ", "")
        assert all(0 <= each.start <= each.end <= 2 for each in [*transcript.sentences, *transcript.words])


def test_azure_and_the_other_package(service: LocalService) -> None:
    with openai.AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="any", api_version="2025-04-01-preview") as azure:
        spoken = azure.audio.speech.create(model="tts-1", voice="alloy", input=TEXT).content
        assert azure.audio.transcriptions.create(model="whisper", file=("a.mp3", spoken)).text == TEXT
    with openai.OpenAI(base_url=service.url, api_key="any") as client:
        stream: Any = client.audio.transcriptions.create(model="gpt-4o-transcribe", file=("a.mp3", spoken), stream=True)
        assert list(stream)[-1].text == TEXT
    with ceyx.AzureOpenAI(base_url=f"{service.azure_endpoint}/openai/v1", api_key="any") as v1:
        assert v1.audio.transcriptions.create(model="whisper", file=("a.mp3", spoken)).text == TEXT
