"""A text spoken to a file, and the file transcribed: whole, with times, and while it is heard."""

import os
import tempfile
from pathlib import Path

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, whose speech is a melody that it understands
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

client = OpenAI()
text = "The kingfisher is a bird. It lives near rivers."

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "speech.mp3"
    client.audio.speech.create(model="gpt-4o-mini-tts", voice="alloy", input=text).write_to_file(path)
    print(f"{path.name}: {path.stat().st_size} bytes")

    print(client.audio.transcriptions.create(model="gpt-4o-transcribe", file=path).text)

    # Subtitles come as text; verbose_json has the same as objects, down to each word.
    print(client.audio.transcriptions.create(model="whisper-1", file=path, response_format="srt"), end="")
    verbose = client.audio.transcriptions.create(
        model="whisper-1", file=path, response_format="verbose_json", timestamp_granularities=["word"]
    )
    word = verbose.words[1]
    print(f"“{word.word}” from {word.start:.2f} to {word.end:.2f} of {verbose.duration:.2f} seconds")

    for event in client.audio.transcriptions.create(model="gpt-4o-transcribe", file=path, stream=True):
        if event.type == "transcript.text.delta":
            print(event.delta, end="|", flush=True)
    print()

client.close()
