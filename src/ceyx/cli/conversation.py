"""A conversation at a terminal. What was said is kept while it lasts, and written nowhere."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

from ceyx.cli import terminal
from ceyx.cli.answer import Answer
from ceyx.cli.chat import told
from ceyx.cli.endpoint import Endpoint
from ceyx.cli.failures import explained
from ceyx.cli.question import Message, messages_for, user_message

HELP = """\
/system TEXT   tell the model who it is to be; /system alone shows it
/model NAME    go on with another model or deployment; /model alone shows it
/clear         forget what was said
/exit          leave, as Ctrl-D does; Ctrl-C stops an answer"""
_command = re.compile(r"/([a-z?]+)(?:\s+(.*))?$", re.DOTALL)


class Conversation:
    """Questions and answers, each of which knows those before it."""

    def __init__(
        self,
        endpoint: Endpoint,
        params: dict[str, Any],
        system: str | None,
        images: list[str],
        *,
        streamed: bool,
        quiet: bool,
    ) -> None:
        self.endpoint, self.params, self.system, self.images = endpoint, params, system, images
        self.streamed, self.quiet = streamed, quiet
        self.model = endpoint.model
        self.turns: list[Message] = []

    def run(self) -> None:
        """Until the user leaves."""
        asking = _asking()
        images = f" · {len(self.images)} image(s) go with the first question" if self.images else ""
        terminal.note(f"{self.model} at {self.endpoint.host} · /help for commands, Ctrl-D to leave{images}")
        while True:
            try:
                line = asking().strip()
            except EOFError:
                terminal.say("\n")
                return
            except KeyboardInterrupt:
                terminal.say("\n")
                terminal.note("Ctrl-D or /exit to leave")
                continue
            if found := _command.match(line):
                if found[1] in ("exit", "quit"):
                    return
                self.obey(found[1], (found[2] or "").strip())
            elif line:
                self.ask(line)

    def ask(self, text: str) -> None:
        """One turn. A question that gets no answer is forgotten, so that the next one is not answered in its place."""
        answer = Answer()
        turns = [*self.turns, user_message(text, self.images)]
        # Its own dict, handed over whole: what the server refuses is taken out once, for all turns that follow.
        self.params |= {"model": self.model, "messages": messages_for(self.system, turns, self.params)}
        try:
            told(answer, self.endpoint, self.params, self.streamed)
        except KeyboardInterrupt:
            terminal.note("stopped")
        except Exception as error:  # noqa: BLE001  whatever went wrong with one question, the conversation goes on
            terminal.complain(explained(error)[0])
        else:
            for warning in answer.warnings():
                terminal.complain(warning)
            if not self.quiet:
                terminal.note(answer.summary(self.endpoint.provider))
        if answer.text:
            self.turns = [*turns, {"role": "assistant", "content": answer.text}]
            self.images = []

    def obey(self, command: str, rest: str) -> None:
        """One of the commands in `HELP`."""
        if command == "clear":
            self.turns = []
            terminal.note("forgotten")
        elif command == "system":
            self.system = rest or self.system
            terminal.note(f"system: {self.system or '(none)'}")
        elif command == "model":
            self.model = rest or self.model
            terminal.note(f"model: {self.model}")
        else:
            if command not in ("help", "?"):
                terminal.complain(f"there is no command /{command}")
            terminal.note(HELP)


def _asking() -> Callable[[], str]:
    """A function that asks for a line, with the keys and the history of readline where there is one."""
    sign = "> "
    try:
        import readline
    except ImportError:  # Windows
        return lambda: input(terminal.styled(sign, terminal.BOLD, sys.stdout))
    # A paste of several lines is one question.
    readline.parse_and_bind("set enable-bracketed-paste on")
    if terminal.coloured(sys.stdout):
        sign = f"\001\x1b[{terminal.BOLD}m\002{sign}\001\x1b[0m\002"  # \001 and \002: what takes no room on the line
    return lambda: input(sign)
