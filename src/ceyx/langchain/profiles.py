"""`profile` of a chat model, by which agents decide what to ask for: what `ceyx.families` knows of it, as LangChain says it."""

from __future__ import annotations

from langchain_core.language_models.model_profile import ModelProfile

from ceyx.families import family_of


def profile_of(name: str, *, shapes: bool = True) -> ModelProfile | None:
    """The profile of a model by that name; None for one that is not known.

    Without `shapes`, its server does not know of schemas for answers.
    """
    if (family := family_of(name)) is None:
        return None
    return {
        "max_input_tokens": family.most_in,
        "max_output_tokens": family.most_out,
        "text_inputs": True,
        "image_inputs": family.sees,
        "image_url_inputs": family.sees,
        "pdf_inputs": family.sees,
        "audio_inputs": family.hears,
        "video_inputs": False,
        "text_outputs": True,
        "image_outputs": False,
        "audio_outputs": family.hears,
        "video_outputs": False,
        "reasoning_output": family.reasons,
        "tool_calling": family.calls,
        "tool_choice": family.calls,
        "tool_call_streaming": family.calls,
        "structured_output": family.shapes and shapes,
    }
