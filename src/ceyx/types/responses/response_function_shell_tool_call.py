"""Commands to shells and patches to files, and what came of them."""

from __future__ import annotations

from typing import Literal

from ceyx.types.responses.container_auto import ContainerReference, ResponseLocalEnvironment
from ceyx.types.responses.response_function_tool_call import Caller
from ceyx.wire.view import Promised, View

__all__ = [
    "ResponseApplyPatchToolCall", "ResponseApplyPatchToolCallOutput", "ResponseFunctionShellCallOutputContent",
    "ResponseFunctionShellToolCall", "ResponseFunctionShellToolCallOutput",
]  # fmt: skip


class Action(View):
    """Commands, to be run side by side."""

    commands: list[str]
    max_output_length: int | None = None
    """How many characters of the output the model wants at most."""
    timeout_ms: int | None = None


class ResponseFunctionShellToolCall(View):
    """Commands the model wants run."""

    id: Promised[str]
    action: Action
    call_id: str
    environment: ResponseLocalEnvironment | ContainerReference | None = None
    status: Promised[Literal["in_progress", "completed", "incomplete"]]
    type: Literal["shell_call"]
    caller: Caller | None = None
    created_by: str | None = None


class OutputOutcomeTimeout(View):
    type: Literal["timeout"]


class OutputOutcomeExit(View):
    exit_code: int
    type: Literal["exit"]


class ResponseFunctionShellCallOutputContent(View):
    """What one command gave."""

    outcome: OutputOutcomeTimeout | OutputOutcomeExit
    stderr: str
    stdout: str


class Output(View):
    """What one command gave."""

    outcome: OutputOutcomeTimeout | OutputOutcomeExit
    stderr: str
    stdout: str
    created_by: str | None = None


class ResponseFunctionShellToolCallOutput(View):
    """What the commands gave, as it is stored."""

    id: Promised[str]
    call_id: str
    max_output_length: int | None = None
    output: list[Output]
    status: Promised[Literal["in_progress", "completed", "incomplete"]]
    type: Literal["shell_call_output"]
    caller: Caller | None = None
    created_by: str | None = None


class LocalShellCallAction(View):
    """A command for a local shell."""

    command: list[str]
    env: dict[str, str]
    type: Literal["exec"]
    timeout_ms: int | None = None
    user: str | None = None
    working_directory: str | None = None


class LocalShellCall(View):
    """A command the model wants run by the caller."""

    id: str
    action: LocalShellCallAction
    call_id: str
    status: Literal["in_progress", "completed", "incomplete"]
    type: Literal["local_shell_call"]


class LocalShellCallOutput(View):
    """What the command gave."""

    id: str
    output: str
    """JSON."""
    type: Literal["local_shell_call_output"]
    status: Literal["in_progress", "completed", "incomplete"] | None = None


class OperationCreateFile(View):
    diff: str
    """V4A, as are those below."""
    path: str
    type: Literal["create_file"]


class OperationDeleteFile(View):
    path: str
    type: Literal["delete_file"]


class OperationUpdateFile(View):
    diff: str
    path: str
    type: Literal["update_file"]


Operation = OperationCreateFile | OperationDeleteFile | OperationUpdateFile


class ResponseApplyPatchToolCall(View):
    """A change to a file that the model wants made."""

    id: Promised[str]
    call_id: str
    operation: Operation
    status: Literal["in_progress", "completed"]
    type: Literal["apply_patch_call"]
    caller: Caller | None = None
    created_by: str | None = None


class ResponseApplyPatchToolCallOutput(View):
    """Whether the change was made."""

    id: Promised[str]
    call_id: str
    status: Literal["completed", "failed"]
    type: Literal["apply_patch_call_output"]
    caller: Caller | None = None
    created_by: str | None = None
    output: str | None = None
    """For the model to read: why not, or what else there is to know."""


CommandItem = (
    LocalShellCall | LocalShellCallOutput | ResponseFunctionShellToolCall | ResponseFunctionShellToolCallOutput
    | ResponseApplyPatchToolCall | ResponseApplyPatchToolCallOutput
)  # fmt: skip
