"""Chat models of OpenAI, for LangChain: what differs there from `chat.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ceyx.langchain.chat import BaseChatOpenAI
from ceyx.langchain.connection import BUILT


class ChatOpenAI(BaseChatOpenAI):
    """Chat models of OpenAI, and of servers that speak its protocol, for LangChain.

    >>> ChatOpenAI(model="gpt-4o", temperature=0).invoke("Hello")
    """

    model_config = BUILT
    _has_developers: ClassVar[bool] = True
    _asks_by: ClassVar[Literal["function_calling", "json_schema"]] = "json_schema"

    if TYPE_CHECKING:  # checkers would know one name of each field only, and keys only as SecretStr

        def __init__(self, **fields: Any) -> None: ...

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        return ["langchain", "chat_models", "openai"]

    @classmethod
    def is_lc_serializable(cls) -> bool:
        return True

    # langchain-core adds up what each base says of these two, so `BaseChatOpenAI` says nothing

    @property
    def lc_secrets(self) -> dict[str, str]:
        return {"openai_api_key": "OPENAI_API_KEY"}

    @property
    def lc_attributes(self) -> dict[str, Any]:
        names = ("openai_organization", "openai_api_base", "openai_proxy")
        return {name: value for name in names if (value := getattr(self, name))}
