"""`ceyx chat` as a conversation, at a real terminal."""

from __future__ import annotations

import pytest
from commands import at_terminal
from fake_server import FakeServer

from ceyx.service import LocalService

PROMPT = r"> (\x1b\[0m)?"


def test_a_conversation_is_kept_over_its_turns(fake: FakeServer) -> None:
    with at_terminal(["chat", "--base-url", fake.url("no_stream_options"), "-s", "Be terse."]) as terminal:
        terminal.see(r"gpt-4o-mini at 127\.0\.0\.1:\d+ .*Ctrl-D")
        for question in ("Hello", "/system Be kind.", "/model other", "And now?", "/clear", "Again"):
            terminal.see(PROMPT)
            terminal.type(f"{question}\n")
        terminal.see("Bonjour")
        terminal.see(PROMPT)
        terminal.type("\x04")
        assert terminal.ended() == 0
    # What the server refused, it is not asked for again.
    assert ["stream_options" in body for body in fake.bodies] == [True, False, False, False]
    said = [[message["content"] for message in body["messages"]] for body in fake.bodies[1:]]
    assert said == [["Be terse.", "Hello"], ["Be kind.", "Hello", "Bonjour", "And now?"], ["Be kind.", "Again"]]
    assert [body["model"] for body in fake.bodies[1:]] == ["gpt-4o-mini", "other", "other"]


@pytest.mark.parametrize("leaving", ["/exit\n", "/quit\n", "\x04"])
def test_leaving(leaving: str) -> None:
    with at_terminal(["chat"]) as terminal:
        terminal.see("local stand-in answers")
        terminal.see(PROMPT)
        terminal.type(leaving)
        assert terminal.ended() == 0


def test_ctrl_c_stops_the_answer_and_not_the_conversation(fake: FakeServer) -> None:
    with at_terminal(["chat", "--base-url", fake.url("slow")]) as terminal:
        terminal.see(PROMPT)
        terminal.interrupt("Ctrl-D or /exit")
        terminal.see(PROMPT)
        terminal.type("Hello\n")
        terminal.see("tick tick ")
        terminal.type("\x03")
        terminal.see("stopped")
        assert fake.hung_up.wait(5), "the server went on with the answer"
        terminal.see(PROMPT)
        terminal.type("More\n")
        terminal.see("tick tick ")
        terminal.type("\x03")
        terminal.see(PROMPT)
        terminal.type("/exit\n")
        assert terminal.ended() == 0
    question, answer, more = fake.bodies[1]["messages"]
    assert (question["content"], more["content"]) == ("Hello", "More")
    assert answer["role"] == "assistant" and answer["content"].startswith("tick ")


def test_an_error_ends_its_turn_only(fake: FakeServer) -> None:
    with at_terminal(["chat", "--base-url", fake.url("quota")]) as terminal:
        for question in ("One", "Two"):
            terminal.see(PROMPT)
            terminal.type(f"{question}\n")
            terminal.see("exceeded your current quota")
        terminal.see(PROMPT)
        terminal.type("/exit\n")
        assert terminal.ended() == 0
    assert [len(body["messages"]) for body in fake.bodies] == [1, 1]  # a question without an answer is forgotten


def test_help_an_unknown_command_and_a_path(service: LocalService) -> None:
    with at_terminal(["chat", "--base-url", service.url]) as terminal:
        terminal.see(PROMPT)
        terminal.type("/help\n")
        terminal.see("/system TEXT")
        terminal.type("/nonsense\n")
        terminal.see("no command /nonsense")
        terminal.see("/exit")
        terminal.see(PROMPT)
        terminal.type("/etc/hosts holds what?\n")
        terminal.see("You asked: “/etc/hosts holds what\\?”")
        terminal.see(PROMPT)
        terminal.type("\x04")
        assert terminal.ended() == 0


def test_a_paste_of_several_lines_is_one_question(fake: FakeServer) -> None:
    pytest.importorskip("readline")
    with at_terminal(["chat", "--base-url", fake.url("plain")]) as terminal:
        terminal.see(PROMPT)
        terminal.type("\x1b[200~one\ntwo\x1b[201~\n")
        terminal.see("Bonjour")
        terminal.see(PROMPT)
        terminal.type("\x04")
        assert terminal.ended() == 0
    assert [body["messages"][0]["content"] for body in fake.bodies] == ["one\ntwo"]


def test_an_image_goes_with_the_first_question(fake: FakeServer) -> None:
    with at_terminal(["chat", "--base-url", fake.url("plain"), "-i", "https://example.com/cat.png"]) as terminal:
        terminal.see("1 image")
        for question in ("What is it?", "Why?"):
            terminal.see(PROMPT)
            terminal.type(f"{question}\n")
            terminal.see("Bonjour")
        terminal.see(PROMPT)
        terminal.type("/exit\n")
        assert terminal.ended() == 0
    first, _, second = fake.bodies[1]["messages"]
    assert [part["type"] for part in first["content"]] == ["image_url", "text"] and second["content"] == "Why?"
