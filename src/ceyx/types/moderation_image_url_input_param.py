"""The place `openai` has these names at; they live in `moderation_create_params`."""

from ceyx.types.moderation_create_params import (
    ImageURL as ImageURL,
    ModerationImageURLInputParam as ModerationImageURLInputParam,
)
