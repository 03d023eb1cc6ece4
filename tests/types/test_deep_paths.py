"""Every module path of `openai.types` and `openai.resources` imports here, and has the names that it has there."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pickle
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from fields import differences

import ceyx
import ceyx.types.chat
from ceyx.aliases import HOMES, NESTED
from ceyx.lazy import DeepPaths

# What is not here, as `path Name` in patterns; each is to match something.
NOT_OURS = {
    r"(types|resources)\.(admin|beta|chatkit|realtime)\b.*": "organisations, retired assistants and WebSockets: not now",
    r"(types|resources)\.(live|safety|skills?|video|videos|decisions?|content_provenance\w*)\b.*": "groups we do not have",
    r"types\.(deleted_skill|skill_\w+|video_\w+|decision_\w+|websocket_\w+)": "of groups we do not have, and of WebSockets",
    r"types\.shared(_params)?(\.(decision_\w+|oauth_error_code)| (Decision\w+|OAuthErrorCode))": "of groups we do not have",
    r"types (\w*(Skill|Video|Decision|Reconnect|Web[Ss]ocket|ContentProvenance)\w*|OAuthErrorCode)": "of groups we do not have",
    r"types\.containers\.files": "a package that is empty there",
    r"resources\S* \w+With(Raw|Streaming)Response": "one class is all forms: `Completions[Raw[...]]`",
    r"types\.evals\.\S+ (Source|InputMessages\w*|SamplingParamsResponseFormat|DataSource\w+)": "parts with shorter names of ours",
    r"types\.(eval_create_params|graders\.\w+) \w*Content": "a union written out where it is used",
    r"types\.fine_tuning\.alpha\.grader_validate_response Grader": "a union written out where it is used",
    r"types\.responses\.\w+ (TextFormat|Part|Outcome|OutputOutcome|Moderation(In|Out)put\w*)": "written out where it is used",
    r"types\.responses\.\w+ \w*(Caller|CallerDirect|CallerProgram|Environment)": "one union for all of them: `Caller`",
    r"types\.responses\.\w+ (ComputerCallOutputAcknowledgedSafetyCheck|ToolChoiceSpecificProgrammaticToolCallingParam)": "same",
    r"types\.responses\.response(_create_params)? (ModerationPolicyOutput|ToolUsageImageGenOutputTokensDetails)": "as for input",
    r"types\.responses\.response_steer_input\w* ResponseSteerInputItemList\w*": "the parts of a union, of WebSockets",
    r"types\.responses\.response_tool_search_output_item_param\w* Tool\w+": "those of `tool` and `tool_param`, named again",
    r"types\.responses\.responses_(client_event\w*|server_event) .*": "of WebSockets: parameters and events, named again",
    r"types\.(conversations\.conversation|responses\.response)_item .*": "those of `responses.response_output_item`",
    r"types\.conversations\.message ContentReasoningText": "`responses.response_output_item.ReasoningText`",
}

# What widely used libraries import (agents SDKs, tracing, LangChain and its like), as path and names.
KNOWN = """
types.chat.chat_completion ChatCompletion Choice ChoiceLogprobs
types.chat.chat_completion_chunk ChatCompletionChunk Choice ChoiceDelta ChoiceDeltaToolCall
  ChoiceDeltaToolCallFunction ChoiceDeltaFunctionCall ChoiceLogprobs
types.chat.chat_completion_message ChatCompletionMessage FunctionCall Annotation AnnotationURLCitation
types.chat.chat_completion_message_tool_call ChatCompletionMessageToolCall Function
  ChatCompletionMessageFunctionToolCall
types.chat.chat_completion_message_function_tool_call Function ChatCompletionMessageFunctionToolCall
types.chat.chat_completion_message_tool_call_param Function ChatCompletionMessageToolCallParam
types.chat.chat_completion_message_param ChatCompletionMessageParam
types.chat.chat_completion_user_message_param ChatCompletionUserMessageParam
types.chat.chat_completion_system_message_param ChatCompletionSystemMessageParam
types.chat.chat_completion_developer_message_param ChatCompletionDeveloperMessageParam
types.chat.chat_completion_assistant_message_param ChatCompletionAssistantMessageParam FunctionCall
types.chat.chat_completion_tool_message_param ChatCompletionToolMessageParam
types.chat.chat_completion_function_message_param ChatCompletionFunctionMessageParam
types.chat.chat_completion_content_part_param ChatCompletionContentPartParam File FileFile
types.chat.chat_completion_content_part_image_param ImageURL ChatCompletionContentPartImageParam
types.chat.chat_completion_content_part_input_audio_param InputAudio
types.chat.chat_completion_content_part_text_param ChatCompletionContentPartTextParam
types.chat.chat_completion_tool_param ChatCompletionToolParam
types.chat.chat_completion_function_tool_param ChatCompletionFunctionToolParam
types.chat.chat_completion_tool_union_param ChatCompletionToolUnionParam
types.chat.chat_completion_tool_choice_option_param ChatCompletionToolChoiceOptionParam
types.chat.chat_completion_named_tool_choice_param Function ChatCompletionNamedToolChoiceParam
types.chat.chat_completion_reasoning_effort ChatCompletionReasoningEffort
types.chat.chat_completion_role ChatCompletionRole
types.chat.chat_completion_token_logprob ChatCompletionTokenLogprob TopLogprob
types.chat.chat_completion_stream_options_param ChatCompletionStreamOptionsParam
types.chat.chat_completion_prediction_content_param ChatCompletionPredictionContentParam
types.chat.chat_completion_audio_param ChatCompletionAudioParam
types.chat.chat_completion_audio ChatCompletionAudio
types.chat.chat_completion_modality ChatCompletionModality
types.chat.completion_create_params CompletionCreateParamsBase CompletionCreateParamsNonStreaming
  CompletionCreateParamsStreaming FunctionCall Function ResponseFormat WebSearchOptions CompletionCreateParams
types.chat.parsed_chat_completion ParsedChatCompletion ParsedChatCompletionMessage ParsedChoice ContentType
types.chat.parsed_function_tool_call ParsedFunctionToolCall ParsedFunction
types.chat_model ChatModel
types.shared.chat_model ChatModel
types.shared.reasoning Reasoning
types.shared.reasoning_effort ReasoningEffort
types.shared.function_definition FunctionDefinition
types.shared_params FunctionDefinition Reasoning ResponseFormatJSONSchema
types.shared_params.function_definition FunctionDefinition
types.shared_params.metadata Metadata
types.shared_params.reasoning Reasoning
types.shared_params.response_format_json_schema ResponseFormatJSONSchema JSONSchema
types.shared_params.response_format_json_object ResponseFormatJSONObject
types.shared_params.response_format_text ResponseFormatText
types.shared_params.function_parameters FunctionParameters
types.completion Completion
types.completion_choice CompletionChoice Logprobs
types.completion_usage CompletionUsage CompletionTokensDetails PromptTokensDetails
types.completion_create_params CompletionCreateParamsNonStreaming
types.create_embedding_response CreateEmbeddingResponse Usage
types.embedding Embedding
types.embedding_model EmbeddingModel
types.embedding_create_params EmbeddingCreateParams
types.file_object FileObject
types.file_deleted FileDeleted
types.file_purpose FilePurpose
types.model Model
types.model_deleted ModelDeleted
types.image Image
types.images_response ImagesResponse Usage
types.image_model ImageModel
types.image_generate_params ImageGenerateParams
types.image_edit_params ImageEditParams
types.audio_model AudioModel
types.audio.transcription Transcription
types.audio.transcription_verbose TranscriptionVerbose
types.audio.transcription_segment TranscriptionSegment
types.audio.transcription_word TranscriptionWord
types.audio.transcription_create_params TranscriptionCreateParams FileTypes
types.audio.speech_model SpeechModel
types.audio.speech_create_params SpeechCreateParams
types.batch Batch
types.batch_request_counts BatchRequestCounts
types.batch_error BatchError
types.moderation Moderation Categories CategoryScores
types.moderation_create_response ModerationCreateResponse
types.fine_tuning.fine_tuning_job FineTuningJob Error Hyperparameters
types.fine_tuning.fine_tuning_job_event FineTuningJobEvent
types.fine_tuning.job_create_params Hyperparameters
types.fine_tuning.jobs FineTuningJobCheckpoint
types.vector_store VectorStore FileCounts
types.vector_store_search_response VectorStoreSearchResponse Content
types.vector_stores.vector_store_file VectorStoreFile
types.vector_stores.vector_store_file_batch VectorStoreFileBatch
types.responses Response ResponseInputItemParam ResponseStreamEvent ResponseFunctionToolCall ResponseOutputMessage
  ResponseOutputText ResponseReasoningItem EasyInputMessageParam ResponseInputParam ResponseIncludable ToolParam
  FunctionToolParam ParsedResponse
types.responses.response Response IncompleteDetails ToolChoice
types.responses.response_usage ResponseUsage InputTokensDetails OutputTokensDetails
types.responses.response_input_param ResponseInputItemParam Message FunctionCallOutput ComputerCallOutput
  ItemReference McpCall ResponseInputParam LocalShellCallOutput McpApprovalResponse
types.responses.response_input_item_param ResponseInputItemParam FunctionCallOutput
types.responses.response_input_item ResponseInputItem
types.responses.response_output_item ResponseOutputItem McpCall McpListTools LocalShellCall McpApprovalRequest
  ImageGenerationCall
types.responses.response_output_message ResponseOutputMessage Content
types.responses.response_output_message_param ResponseOutputMessageParam
types.responses.response_output_text ResponseOutputText Annotation AnnotationURLCitation Logprob
types.responses.response_output_text_param ResponseOutputTextParam
types.responses.response_output_refusal ResponseOutputRefusal
types.responses.response_reasoning_item ResponseReasoningItem Summary Content
types.responses.response_reasoning_item_param ResponseReasoningItemParam Summary
types.responses.response_function_tool_call ResponseFunctionToolCall
types.responses.response_function_tool_call_param ResponseFunctionToolCallParam
types.responses.response_function_web_search ResponseFunctionWebSearch ActionSearch
types.responses.response_function_web_search_param ResponseFunctionWebSearchParam
types.responses.response_file_search_tool_call ResponseFileSearchToolCall Result
types.responses.response_file_search_tool_call_param ResponseFileSearchToolCallParam
types.responses.response_computer_tool_call ResponseComputerToolCall ActionClick ActionScreenshot ActionType
types.responses.response_computer_tool_call_param ResponseComputerToolCallParam
types.responses.response_code_interpreter_tool_call ResponseCodeInterpreterToolCall OutputLogs
types.responses.response_code_interpreter_tool_call_param ResponseCodeInterpreterToolCallParam
types.responses.response_custom_tool_call ResponseCustomToolCall
types.responses.response_create_params ResponseCreateParams ToolChoice ResponseCreateParamsNonStreaming StreamOptions
  Conversation ContextManagement
types.responses.response_prompt_param ResponsePromptParam
types.responses.response_text_config_param ResponseTextConfigParam
types.responses.response_format_text_json_schema_config_param ResponseFormatTextJSONSchemaConfigParam
types.responses.response_format_text_config_param ResponseFormatTextConfigParam
types.responses.response_stream_event ResponseStreamEvent
types.responses.response_text_delta_event ResponseTextDeltaEvent Logprob
types.responses.response_text_done_event ResponseTextDoneEvent
types.responses.response_completed_event ResponseCompletedEvent
types.responses.response_created_event ResponseCreatedEvent
types.responses.response_output_item_added_event ResponseOutputItemAddedEvent
types.responses.response_output_item_done_event ResponseOutputItemDoneEvent
types.responses.response_function_call_arguments_delta_event ResponseFunctionCallArgumentsDeltaEvent
types.responses.response_reasoning_summary_text_delta_event ResponseReasoningSummaryTextDeltaEvent
types.responses.response_reasoning_summary_part_added_event Part
types.responses.response_content_part_added_event ResponseContentPartAddedEvent
types.responses.response_error ResponseError
types.responses.response_error_event ResponseErrorEvent
types.responses.response_status ResponseStatus
types.responses.response_includable ResponseIncludable
types.responses.response_item ResponseItem
types.responses.response_conversation_param ResponseConversationParam
types.responses.response_input_content_param ResponseInputContentParam
types.responses.response_input_text_param ResponseInputTextParam
types.responses.response_input_image_param ResponseInputImageParam
types.responses.response_input_file_param ResponseInputFileParam
types.responses.response_input_message_content_list_param ResponseInputMessageContentListParam
types.responses.response_function_call_output_item_list_param ResponseFunctionCallOutputItemListParam
types.responses.easy_input_message_param EasyInputMessageParam
types.responses.parsed_response ParsedResponse ParsedResponseOutputMessage ParsedResponseOutputText
types.responses.tool Tool Mcp CodeInterpreter ImageGeneration LocalShell
types.responses.tool_param ToolParam Mcp CodeInterpreter ImageGeneration LocalShell
  CodeInterpreterContainerCodeInterpreterToolAuto ParseableToolParam
types.responses.function_tool FunctionTool
types.responses.function_tool_param FunctionToolParam
types.responses.file_search_tool_param FileSearchToolParam RankingOptions Filters
types.responses.web_search_tool_param UserLocation Filters WebSearchToolParam
types.responses.web_search_tool Filters
types.responses.computer_tool_param ComputerToolParam
types.responses.custom_tool_param CustomToolParam
types.responses.tool_choice_options ToolChoiceOptions
types.responses.tool_choice_function_param ToolChoiceFunctionParam
types.responses.tool_choice_types_param ToolChoiceTypesParam
types.responses.input_token_count_params InputTokenCountParams
types.responses.compacted_response CompactedResponse
types.conversations Conversation
types.conversations.conversation Conversation
types.shared.response_format_json_object ResponseFormatJSONObject
types.shared.metadata Metadata
types.shared.error_object ErrorObject
pagination SyncPage AsyncPage SyncCursorPage AsyncCursorPage SyncConversationCursorPage AsyncConversationCursorPage
version VERSION
resources Chat Completions AsyncCompletions Embeddings
resources.chat Completions AsyncCompletions Chat
resources.chat.completions Completions AsyncCompletions
resources.chat.completions.completions Completions AsyncCompletions
resources.responses Responses AsyncResponses
resources.responses.responses Responses AsyncResponses
resources.embeddings Embeddings AsyncEmbeddings
resources.completions Completions AsyncCompletions
resources.images Images AsyncImages
resources.audio.speech Speech
resources.audio.transcriptions Transcriptions AsyncTranscriptions
resources.audio.audio Audio AsyncAudio
resources.chat.chat Chat AsyncChat
resources.models Models AsyncModels
resources.moderations Moderations
resources.files Files AsyncFiles
resources.batches Batches
resources.fine_tuning.fine_tuning FineTuning
resources.fine_tuning.jobs Jobs
resources.fine_tuning.jobs.jobs Jobs
resources.vector_stores.vector_stores VectorStores
resources.conversations.conversations Conversations
auth WorkloadIdentity
"""


def paths() -> list[str]:
    import openai.resources
    import openai.types

    packages = (openai.types, openai.resources)
    below = (module.name for package in packages for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))
    return ["types", *(name.removeprefix("openai.") for name in below)]


def public(path: str) -> list[str]:
    theirs = importlib.import_module(f"openai.{path}")
    if listed := getattr(theirs, "__all__", None):
        return [str(name) for name in listed]
    return [name for name, value in vars(theirs).items() if name[0].isupper() and not inspect.ismodule(value)]


def lacking() -> Iterator[str]:
    """The paths that do not import, and the names that are not at the others."""
    for path in paths():
        try:
            ours = importlib.import_module(f"ceyx.{path}")
        except ModuleNotFoundError:
            yield path
            continue
        yield from (f"{path} {name}" for name in public(path) if not hasattr(ours, name))


def test_every_path_imports_and_has_its_names() -> None:
    missing = list(lacking())
    assert not [line for line in missing if not any(re.fullmatch(pattern, line) for pattern in NOT_OURS)]
    assert not [pattern for pattern in NOT_OURS if not any(re.fullmatch(pattern, line) for line in missing)]


def known() -> Iterator[tuple[str, str]]:
    path = ""
    for word in KNOWN.split():
        if "." in word or word in {"auth", "pagination", "resources", "version"}:
            path = word
        else:
            yield path, word


def test_what_known_libraries_import_is_there() -> None:
    assert len(list(known())) > 200
    assert not [line for line in known() if not hasattr(importlib.import_module(f"ceyx.{line[0]}"), line[1])]


def test_the_tables_name_what_is_there() -> None:
    assert set(NESTED) <= set(HOMES)
    for path in HOMES:
        assert isinstance(importlib.import_module(f"ceyx.types.{path}").__loader__, DeepPaths), f"{path} is a file now"


# What `input` has is what was stored, but for what a caller need not say; it is read as what is stored.
@pytest.mark.parametrize("path", sorted(NESTED.keys() - {"responses.response_input_item"}))
def test_nested_names_stand_for_the_same_fields(path: str) -> None:
    for name in NESTED[path]:
        assert not list(differences(path, name)), name


def test_a_made_module_is_a_module() -> None:
    name = "ceyx.types.chat.chat_completion_user_message_param"
    module = importlib.import_module(name)
    assert module.ChatCompletionUserMessageParam is ceyx.types.chat.ChatCompletionUserMessageParam
    assert module.ChatCompletion is ceyx.types.chat.ChatCompletion  # whatever the package offers
    assert importlib.reload(module) is sys.modules[name] is module
    spec = importlib.util.find_spec(name)
    assert spec and spec.name == name
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        module.Nonsense  # noqa: B018
    scope: dict[str, object] = {}
    exec(f"from {name} import *", scope)
    assert "ChatCompletionUserMessageParam" in scope


def test_classes_stay_where_they_are_defined() -> None:
    module = importlib.import_module("ceyx.types.responses.response_error")
    assert module.ResponseError.__module__.removeprefix("ceyx.types.") == HOMES["responses.response_error"]
    error = module.ResponseError.model_validate({"code": "server_error", "message": "m"})
    assert pickle.loads(pickle.dumps(error)) == error
    with pytest.raises(ModuleNotFoundError, match="is not a package"):
        importlib.import_module("ceyx.types.responses.response_error.response_error")


@pytest.mark.parametrize("name", ["ceyx.types.nonsense", "ceyx.types.chat.nonsense", "ceyx.types.chat.ChatCompletionRole"])
def test_what_is_not_there_is_not_found(name: str) -> None:
    assert importlib.util.find_spec(name) is None
    with pytest.raises(ModuleNotFoundError, match=f"No module named '{name}'"):
        importlib.import_module(name)


def test_the_finder_answers_for_types_only_and_is_there_once() -> None:
    finders = [finder for finder in sys.meta_path if type(finder) is DeepPaths]
    assert len(finders) == 1
    importlib.reload(sys.modules["ceyx.types"])
    assert [finder for finder in sys.meta_path if type(finder) is DeepPaths] == finders
    for name in ("batch_error", "openai.types.batch_error", "ceyx.batch_error", "ceyx.resources.batch_error", "ceyx.typesbatch"):
        assert finders[0].find_spec(name) is None


PROGRAM = """
import importlib, random, sys, threading
from ceyx.aliases import HOMES
real = [f"ceyx.types.{home}" for home in HOMES.values()]
def load(seed):
    names = [f"ceyx.types.{name}" for name in HOMES] + real
    random.Random(seed).shuffle(names)
    for name in names:
        importlib.import_module(name)
    done.append(seed)
done = []
sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=load, args=(seed,), daemon=True) for seed in range(8)]
[thread.start() for thread in threads]
[thread.join(60) for thread in threads]
assert len(done) == 8, done
"""


def test_threads_import_at_once() -> None:
    """No one waits for one who waits; and nothing warns."""
    ran = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True, timeout=100)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_finding_imports_nothing_but_the_table() -> None:
    program = "import sys, importlib.util, ceyx.types.chat, ceyx.aliases; before = set(sys.modules);"
    program += "importlib.util.find_spec('ceyx.types.chat.chat_completion_role'); print(*set(sys.modules) - before)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in found if name.startswith("ceyx")]


def test_patching_a_resource_at_its_path_patches_the_class(monkeypatch: pytest.MonkeyPatch) -> None:
    import ceyx.resources.chat.completions
    from ceyx.resources import chat
    from ceyx.resources.chat.completions import completions, messages

    assert completions.Completions is chat.Completions is ceyx.resources.chat.completions.Completions
    assert messages.Messages is ceyx.resources.chat.completions.Messages
    monkeypatch.setattr("ceyx.resources.chat.completions.completions.Completions.create", lambda self, **_: "patched")
    client: Any = ceyx.OpenAI(api_key="k")
    assert client.chat.completions.create(model="m", messages=[]) == "patched"
