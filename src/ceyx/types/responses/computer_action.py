"""What a model does with a computer, and what it then sees."""

from __future__ import annotations

from typing import Literal

from ceyx.wire.view import Promised, View

__all__ = [
    "ComputerAction", "ComputerActionList", "ResponseComputerToolCall", "ResponseComputerToolCallOutputItem",
    "ResponseComputerToolCallOutputScreenshot",
]  # fmt: skip


class Click(View):
    """Click; coordinates are pixels from the top left."""

    button: Literal["left", "right", "wheel", "back", "forward"]
    type: Literal["click"]
    x: int
    y: int
    keys: list[str] | None = None
    """Held down meanwhile."""


class DoubleClick(View):
    keys: list[str] | None = None
    type: Literal["double_click"]
    x: int
    y: int


class DragPath(View):
    x: int
    y: int


class Drag(View):
    path: list[DragPath]
    type: Literal["drag"]
    keys: list[str] | None = None


class Keypress(View):
    keys: list[str]
    type: Literal["keypress"]


class Move(View):
    type: Literal["move"]
    x: int
    y: int
    keys: list[str] | None = None


class Screenshot(View):
    type: Literal["screenshot"]


class Scroll(View):
    scroll_x: int
    """Pixels."""
    scroll_y: int
    type: Literal["scroll"]
    x: int
    y: int
    keys: list[str] | None = None


class Type(View):
    text: str
    type: Literal["type"]


class Wait(View):
    type: Literal["wait"]


ComputerAction = Click | DoubleClick | Drag | Keypress | Move | Screenshot | Scroll | Type | Wait
ComputerActionList = list[ComputerAction]


class PendingSafetyCheck(View):
    """A doubt the caller is to settle before going on."""

    id: str
    code: str | None = None
    message: str | None = None


class ResponseComputerToolCall(View):
    """What the model wants done with the computer."""

    id: str
    call_id: str
    pending_safety_checks: list[PendingSafetyCheck]
    """To be sent back as acknowledged, once the user agrees."""
    status: Literal["in_progress", "completed", "incomplete"]
    type: Literal["computer_call"]
    action: ComputerAction | None = None
    actions: ComputerActionList | None = None


class ResponseComputerToolCallOutputScreenshot(View):
    """The screen."""

    type: Literal["computer_screenshot"]
    file_id: str | None = None
    image_url: str | None = None


class ResponseComputerToolCallOutputItem(View):
    """What the computer showed."""

    id: Promised[str]
    call_id: str
    output: ResponseComputerToolCallOutputScreenshot
    status: Promised[Literal["completed", "incomplete", "failed", "in_progress"]]
    type: Literal["computer_call_output"]
    acknowledged_safety_checks: list[PendingSafetyCheck] | None = None
    created_by: str | None = None
