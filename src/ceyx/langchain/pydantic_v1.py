"""pydantic's first generation, for programs that imported it from `langchain_core.pydantic_v1`, which is gone."""

from pydantic.v1 import *  # noqa: F403
