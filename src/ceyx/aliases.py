"""Modules that `openai` has for nearly every type, and that are no files here: which of ours holds what they hold.

A table, and not a rule on names, since to apply a rule is to import: a finder is asked under the lock of all imports, where
importing waits for threads that wait for it. The modules are made by `ceyx.lazy`.
"""

from __future__ import annotations

# By package, below `ceyx.types`: each module of ours, and the modules that are served from it.
ALSO = {
    "": {
        "audio_model": "audio_response_format",
        "batch": "batch_error batch_request_counts",
        "batch_create_params": "batch_list_params",
        "container_create_params": "container_list_params",
        "container_create_response": "container_list_response container_retrieve_response",
        "embedding_create_params": "embedding_model",
        "eval_create_params": "eval_list_params eval_update_params",
        "eval_create_response": (
            "eval_custom_data_source_config eval_delete_response eval_list_response eval_retrieve_response "
            "eval_stored_completions_data_source_config eval_update_response"
        ),
        "file_chunking_strategy": (
            "auto_file_chunking_strategy_param file_chunking_strategy_param other_file_chunking_strategy_object "
            "static_file_chunking_strategy static_file_chunking_strategy_object static_file_chunking_strategy_object_param "
            "static_file_chunking_strategy_param"
        ),
        "file_create_params": "file_list_params file_purpose",
        "file_object": "file_content file_deleted",
        "image": "image_model",
        "image_edit_params": "image_input_reference_param",
        "image_edit_stream_event": "image_edit_partial_image_event",
        "image_gen_stream_event": "image_gen_partial_image_event",
        "model": "model_deleted",
        "moderation": "moderation_create_response",
        "moderation_create_params": "moderation_model moderation_multi_modal_input_param moderation_text_input_param",
        "shared.chat_model": "chat_model",
        "upload_create_params": "upload_complete_params",
        "vector_store": "vector_store_deleted vector_store_search_response",
        "vector_store_create_params": "vector_store_list_params vector_store_search_params vector_store_update_params",
    },
    "audio": {
        "audio.speech_create_params": "speech_model",
        "audio.transcription": "transcription_language",
        "audio.transcription_create_params": "transcription_include",
        "audio.transcription_diarized": "transcription_diarized_segment",
        "audio.transcription_stream_event": "transcription_text_segment_event",
        "audio.transcription_verbose": "transcription_segment transcription_word",
        "audio.translation": "translation_create_response translation_verbose",
        "audio.voice": "voice_consent voice_consent_deleted voice_deleted",
        "audio.voice_create_params": "voice_consent_create_params voice_consent_list_params voice_consent_update_params",
    },
    "chat": {
        "chat.chat_completion_audio_param": "chat_completion_modality",
        "chat.chat_completion_content_part_param": "chat_completion_content_part_refusal_param",
        "chat.chat_completion_message": "chat_completion_audio",
        "chat.chat_completion_message_param": (
            "chat_completion_developer_message_param chat_completion_function_message_param chat_completion_role "
            "chat_completion_system_message_param chat_completion_tool_message_param chat_completion_user_message_param "
            "create_chat_completion_request_message_param"
        ),
        "chat.chat_completion_message_tool_call_param": "chat_completion_message_tool_call_union_param",
        "chat.chat_completion_store_message": "chat_completion_deleted chat_completion_function_tool",
        "chat.chat_completion_tool_choice_option_param": (
            "chat_completion_allowed_tool_choice_param chat_completion_allowed_tools_param "
            "chat_completion_function_call_option_param"
        ),
        "chat.chat_completion_tool_param": "chat_completion_function_tool_param chat_completion_tool_union_param",
        "chat.completion_create_params": (
            "chat_completion_prediction_content_param chat_completion_reasoning_effort chat_completion_stream_options_param"
        ),
        "chat.completions": "completion_list_params completion_update_params",
    },
    "chat.completions": {
        "chat.completions": "message_list_params",
    },
    "containers": {
        "containers.file_create_response": "file_create_params file_list_params file_list_response file_retrieve_response",
    },
    "conversations": {
        "conversations.conversation": "conversation_deleted_resource",
        "conversations.conversation_create_params": (
            "conversation_update_params input_file_content_param input_image_content_param input_text_content_param "
            "output_text_content_param refusal_content_param"
        ),
        "conversations.conversation_item": "conversation_item_list",
        "conversations.item_create_params": "item_list_params item_retrieve_params",
        "conversations.message": (
            "computer_screenshot_content input_file_content input_image_content input_text_content output_text_content "
            "refusal_content summary_text_content text_content"
        ),
    },
    "evals": {
        "evals.run_create_params": (
            "create_eval_completions_run_data_source_param create_eval_jsonl_run_data_source_param run_list_params"
        ),
        "evals.run_create_response": (
            "create_eval_completions_run_data_source create_eval_jsonl_run_data_source eval_api_error run_cancel_response "
            "run_delete_response run_list_response run_retrieve_response"
        ),
    },
    "evals.runs": {
        "evals.runs.output_item_list_response": "output_item_list_params output_item_retrieve_response",
    },
    "fine_tuning": {
        "fine_tuning.fine_tuning_job": (
            "dpo_hyperparameters dpo_method fine_tuning_job_event fine_tuning_job_integration "
            "fine_tuning_job_wandb_integration fine_tuning_job_wandb_integration_object reinforcement_hyperparameters "
            "reinforcement_method supervised_hyperparameters supervised_method"
        ),
        "fine_tuning.job_create_params": (
            "dpo_hyperparameters_param dpo_method_param job_list_events_params job_list_params "
            "reinforcement_hyperparameters_param reinforcement_method_param supervised_hyperparameters_param "
            "supervised_method_param"
        ),
    },
    "fine_tuning.alpha": {
        "fine_tuning.alpha.grader_run_response": "grader_run_params grader_validate_params grader_validate_response",
    },
    "fine_tuning.checkpoints": {
        "fine_tuning.checkpoints.permission_create_response": (
            "permission_create_params permission_delete_response permission_list_params permission_list_response "
            "permission_retrieve_params permission_retrieve_response"
        ),
    },
    "fine_tuning.jobs": {
        "fine_tuning.jobs.fine_tuning_job_checkpoint": "checkpoint_list_params",
    },
    "graders": {
        "graders.multi_grader": "label_model_grader python_grader score_model_grader string_check_grader text_similarity_grader",
        "graders.multi_grader_param": (
            "label_model_grader_param python_grader_param score_model_grader_param string_check_grader_param "
            "text_similarity_grader_param"
        ),
    },
    "responses": {
        "responses.computer_action": (
            "computer_action_list response_computer_tool_call response_computer_tool_call_output_item "
            "response_computer_tool_call_output_screenshot"
        ),
        "responses.computer_action_param": (
            "computer_action_list_param response_computer_tool_call_output_screenshot_param response_computer_tool_call_param"
        ),
        "responses.container_auto": (
            "container_network_policy_allowlist container_network_policy_disabled container_network_policy_domain_secret "
            "container_reference inline_skill inline_skill_source local_environment local_skill response_container_reference "
            "response_local_environment skill_reference"
        ),
        "responses.container_auto_param": (
            "container_network_policy_allowlist_param container_network_policy_disabled_param "
            "container_network_policy_domain_secret_param container_reference_param inline_skill_param "
            "inline_skill_source_param local_environment_param local_skill_param skill_reference_param"
        ),
        "responses.response": (
            "compacted_response response_conversation_param response_includable response_prompt response_status service_tier"
        ),
        "responses.response_compact_params": "input_token_count_params",
        "responses.response_create_params": "response_conversation_param_param response_prompt_param",
        "responses.response_function_shell_tool_call": (
            "response_apply_patch_tool_call response_apply_patch_tool_call_output response_function_shell_call_output_content "
            "response_function_shell_tool_call_output"
        ),
        "responses.response_function_shell_tool_call_param": "response_function_shell_call_output_content_param",
        "responses.response_function_tool_call": (
            "response_code_interpreter_tool_call response_custom_tool_call response_custom_tool_call_item "
            "response_custom_tool_call_output response_custom_tool_call_output_item response_file_search_tool_call "
            "response_function_tool_call_item response_function_tool_call_output_item response_function_web_search "
            "response_tool_search_call response_tool_search_output_item response_tool_search_output_item_param"
        ),
        "responses.response_function_tool_call_param": (
            "response_code_interpreter_tool_call_param response_custom_tool_call_output_param response_custom_tool_call_param "
            "response_file_search_tool_call_param response_function_web_search_param "
            "response_tool_search_output_item_param_param"
        ),
        "responses.response_input_content": (
            "image_detail response_function_call_output_item response_function_call_output_item_list response_input_audio "
            "response_input_file response_input_file_content response_input_image response_input_image_content "
            "response_input_message_content_list response_input_text response_input_text_content"
        ),
        "responses.response_input_content_param": (
            "response_function_call_output_item_list_param response_function_call_output_item_param "
            "response_input_audio_param response_input_file_content_param response_input_file_param "
            "response_input_image_content_param response_input_image_param response_input_message_content_list_param "
            "response_input_text_content_param response_input_text_param"
        ),
        "responses.response_input_param": (
            "easy_input_message_param mcp_tool_call_error_param response_compaction_item_param_param "
            "response_configuration_update_item_param_param response_reasoning_item_param"
        ),
        "responses.response_item": (
            "easy_input_message response_input response_input_item response_input_message_item response_item_list"
        ),
        "responses.response_output_item": (
            "mcp_tool_call_error response_compaction_item response_compaction_item_param response_configuration_update_item "
            "response_configuration_update_item_param response_reasoning_item"
        ),
        "responses.response_output_text": "response_output_message response_output_refusal",
        "responses.response_output_text_param": "response_output_message_param response_output_refusal_param",
        "responses.response_retrieve_params": "input_item_list_params",
        "responses.response_stream_event": (
            "response_compaction_compacting_event response_completed_event response_created_event response_error_event "
            "response_failed_event response_in_progress_event response_incomplete_event response_output_item_added_event "
            "response_output_item_done_event response_queued_event"
        ),
        "responses.response_text_config_param": "response_format_text_config_param response_format_text_json_schema_config_param",
        "responses.response_text_delta_event": (
            "response_audio_delta_event response_audio_done_event response_audio_transcript_delta_event "
            "response_audio_transcript_done_event response_content_part_added_event response_content_part_done_event "
            "response_output_text_annotation_added_event response_reasoning_summary_part_added_event "
            "response_reasoning_summary_part_done_event response_reasoning_summary_text_delta_event "
            "response_reasoning_summary_text_done_event response_reasoning_text_delta_event "
            "response_reasoning_text_done_event response_refusal_delta_event response_refusal_done_event "
            "response_text_done_event"
        ),
        "responses.response_tool_call_event": (
            "response_code_interpreter_call_code_delta_event response_code_interpreter_call_code_done_event "
            "response_code_interpreter_call_completed_event response_code_interpreter_call_in_progress_event "
            "response_code_interpreter_call_interpreting_event response_custom_tool_call_input_delta_event "
            "response_custom_tool_call_input_done_event response_file_search_call_completed_event "
            "response_file_search_call_in_progress_event response_file_search_call_searching_event "
            "response_function_call_arguments_delta_event response_function_call_arguments_done_event "
            "response_image_gen_call_completed_event response_image_gen_call_generating_event "
            "response_image_gen_call_in_progress_event response_image_gen_call_partial_image_event "
            "response_mcp_call_arguments_delta_event response_mcp_call_arguments_done_event response_mcp_call_completed_event "
            "response_mcp_call_failed_event response_mcp_call_in_progress_event response_mcp_list_tools_completed_event "
            "response_mcp_list_tools_failed_event response_mcp_list_tools_in_progress_event "
            "response_shell_call_command_added_event response_shell_call_command_delta_event "
            "response_shell_call_command_done_event response_shell_call_output_content_delta_event "
            "response_shell_call_output_content_done_event response_web_search_call_completed_event "
            "response_web_search_call_in_progress_event response_web_search_call_searching_event"
        ),
        "responses.response_usage": (
            "input_token_count_response response_error response_format_text_config response_format_text_json_schema_config "
            "response_text_config"
        ),
        "responses.responses_client_event_param": (
            "response_steer_event_param response_steer_input_content_param response_steer_input_param"
        ),
        "responses.responses_server_event": (
            "response_steer_accepted_event response_steer_error_code response_steer_event response_steer_failed_event "
            "response_steer_input response_steer_input_content response_steer_pending_event response_steer_pending_reason "
            "response_steer_required_input responses_client_event"
        ),
        "responses.tool": (
            "apply_patch_tool computer_tool computer_use_preview_tool custom_tool function_shell_tool function_tool "
            "namespace_tool tool_choice_allowed tool_choice_apply_patch tool_choice_custom tool_choice_function "
            "tool_choice_mcp tool_choice_options tool_choice_shell tool_choice_types tool_search_output_namespace_tool "
            "tool_search_tool"
        ),
        "responses.tool_param": (
            "apply_patch_tool_param computer_tool_param computer_use_preview_tool_param custom_tool_param "
            "function_shell_tool_param function_tool_param namespace_tool_param tool_choice_allowed_param "
            "tool_choice_apply_patch_param tool_choice_custom_param tool_choice_function_param tool_choice_mcp_param "
            "tool_choice_shell_param tool_choice_types_param tool_search_output_namespace_tool_param tool_search_tool_param"
        ),
        "responses.web_search_tool": "file_search_tool web_search_preview_tool",
        "responses.web_search_tool_param": "file_search_tool_param web_search_preview_tool_param",
    },
    "shared": {
        "shared.compound_filter": "comparison_filter",
        "shared.function_definition": "function_parameters",
        "shared.response_format_json_schema": (
            "response_format_json_object response_format_text response_format_text_grammar response_format_text_python"
        ),
        "shared.responses_model": "all_models",
    },
    "shared_params": {
        "shared.chat_model": "chat_model",
        "shared.metadata": "metadata",
        "shared.reasoning_effort": "reasoning_effort",
        "shared.responses_model": "responses_model",
        "shared_params.compound_filter": "comparison_filter",
        "shared_params.function_definition": "function_parameters",
        "shared_params.response_format_json_schema": "response_format_json_object response_format_text",
    },
    "uploads": {
        "uploads.upload_part": "part_create_params",
    },
    "vector_stores": {
        "vector_stores.file_batch_create_params": (
            "file_batch_list_files_params file_create_params file_list_params file_update_params"
        ),
        "vector_stores.vector_store_file": "file_content_response vector_store_file_batch vector_store_file_deleted",
    },
    "webhooks": {
        "webhooks.unwrap_webhook_event": (
            "agent_environment_expired_webhook_event agent_environment_failed_webhook_event "
            "agent_environment_ready_webhook_event agent_environment_suspended_webhook_event "
            "agent_session_action_required_webhook_event agent_session_created_webhook_event "
            "agent_session_failed_webhook_event agent_session_idle_webhook_event agent_session_in_progress_webhook_event "
            "batch_cancelled_webhook_event batch_completed_webhook_event batch_expired_webhook_event "
            "batch_failed_webhook_event eval_run_canceled_webhook_event eval_run_failed_webhook_event "
            "eval_run_succeeded_webhook_event fine_tuning_job_cancelled_webhook_event fine_tuning_job_failed_webhook_event "
            "fine_tuning_job_succeeded_webhook_event live_call_incoming_webhook_event live_transport_connected_webhook_event "
            "live_transport_incoming_webhook_event realtime_call_incoming_webhook_event response_cancelled_webhook_event "
            "response_completed_webhook_event response_failed_webhook_event response_incomplete_webhook_event "
            "safety_alert_created_webhook_event safety_deactivation_issued_webhook_event "
            "safety_identifier_blocked_webhook_event safety_org_alert_created_webhook_event "
            "safety_warning_issued_webhook_event"
        ),
        "webhooks.webhook_endpoint": (
            "deleted_webhook_endpoint webhook_create_params webhook_endpoint_list webhook_endpoint_test_result "
            "webhook_endpoint_with_secret webhook_event_type_list webhook_list_params webhook_rotate_secret_params "
            "webhook_test_params webhook_update_params"
        ),
    },
}  # fmt: skip

HOMES = {
    f"{package}.{name}".lstrip("."): home
    for package, homes in ALSO.items()
    for home, names in homes.items()
    for name in names.split()
}

# What such a module calls by another name than its home does: the modules, and `Name=OurName`.
RENAMED = {
    "fine_tuning.alpha.grader_run_params fine_tuning.alpha.grader_validate_params": "Grader=graders.multi_grader_param:Grader",
    "graders.label_model_grader graders.score_model_grader": (
        "InputContentOutputText=graders.grader_inputs:GraderInputItemOutputText "
        "InputContentInputImage=graders.grader_inputs:GraderInputItemInputImage"
    ),
    "graders.label_model_grader_param graders.score_model_grader_param": (
        "InputContentOutputText=graders.grader_inputs_param:GraderInputsParamItemOutputText "
        "InputContentInputImage=graders.grader_inputs_param:GraderInputsParamItemInputImage"
    ),
    "responses.input_token_count_params": (
        "Text=ResponseTextConfigParam "
        "ToolChoiceSpecificProgrammaticToolCallingParam=responses.tool_param:ProgrammaticToolCalling"
    ),
    (
        "responses.response_apply_patch_tool_call responses.response_apply_patch_tool_call_output "
        "responses.response_function_shell_tool_call_output"
    ): (
        "CallerDirect=responses.response_function_tool_call:CallerDirect "
        "CallerProgram=responses.response_function_tool_call:CallerProgram"
    ),
    "responses.response_computer_tool_call": (
        "Action=ComputerAction ActionClick=Click ActionDoubleClick=DoubleClick ActionDrag=Drag ActionDragPath=DragPath "
        "ActionKeypress=Keypress ActionMove=Move ActionScreenshot=Screenshot ActionScroll=Scroll ActionType=Type "
        "ActionWait=Wait"
    ),
    "responses.response_computer_tool_call_output_item": "AcknowledgedSafetyCheck=PendingSafetyCheck",
    "responses.response_computer_tool_call_param": (
        "Action=ComputerActionParam ActionClick=Click ActionDoubleClick=DoubleClick ActionDrag=Drag ActionDragPath=DragPath "
        "ActionKeypress=Keypress ActionMove=Move ActionScreenshot=Screenshot ActionScroll=Scroll ActionType=Type "
        "ActionWait=Wait"
    ),
    "responses.response_content_part_added_event responses.response_content_part_done_event": "PartReasoningText=ReasoningText",
    "responses.response_custom_tool_call_output responses.response_function_tool_call_output_item": (
        "OutputOutputContentList=ResponseInputContent"
    ),
    "responses.response_custom_tool_call_output_param": "OutputOutputContentList=ResponseInputContentParam",
    "responses.response_function_shell_call_output_content": "OutcomeTimeout=OutputOutcomeTimeout OutcomeExit=OutputOutcomeExit",
    "responses.response_input_item": (
        "Message=EasyInputMessage ComputerCallOutput=responses.computer_action:ResponseComputerToolCallOutputItem "
        "ComputerCallOutputAcknowledgedSafetyCheck=responses.computer_action:PendingSafetyCheck "
        "FunctionCallOutput=responses.response_function_tool_call:ResponseFunctionToolCallOutputItem "
        "FunctionCallOutputCallerDirect=responses.response_function_tool_call:CallerDirect "
        "FunctionCallOutputCallerProgram=responses.response_function_tool_call:CallerProgram "
        "ToolSearchCall=responses.response_function_tool_call:ResponseToolSearchCall "
        "AdditionalTools=responses.response_output_item:AdditionalTools "
        "ImageGenerationCall=responses.response_output_item:ImageGenerationCall "
        "ImageGenerationCallError=responses.response_output_item:ImageGenerationCallError "
        "ImageGenerationCallErrorModerationDetails=responses.response_output_item:ImageGenerationCallErrorModerationDetails "
        "ImageGenerationCallSvgUsage=responses.response_output_item:ImageGenerationCallSvgUsage "
        "LocalShellCall=responses.response_function_shell_tool_call:LocalShellCall "
        "LocalShellCallAction=responses.response_function_shell_tool_call:LocalShellCallAction "
        "LocalShellCallOutput=responses.response_function_shell_tool_call:LocalShellCallOutput "
        "ShellCall=responses.response_function_shell_tool_call:ResponseFunctionShellToolCall "
        "ShellCallAction=responses.response_function_shell_tool_call:Action "
        "ShellCallCallerDirect=responses.response_function_tool_call:CallerDirect "
        "ShellCallCallerProgram=responses.response_function_tool_call:CallerProgram "
        "ShellCallOutput=responses.response_function_shell_tool_call:ResponseFunctionShellToolCallOutput "
        "ShellCallOutputCallerDirect=responses.response_function_tool_call:CallerDirect "
        "ShellCallOutputCallerProgram=responses.response_function_tool_call:CallerProgram "
        "ApplyPatchCall=responses.response_function_shell_tool_call:ResponseApplyPatchToolCall "
        "ApplyPatchCallOperation=responses.response_function_shell_tool_call:Operation "
        "ApplyPatchCallOperationCreateFile=responses.response_function_shell_tool_call:OperationCreateFile "
        "ApplyPatchCallOperationDeleteFile=responses.response_function_shell_tool_call:OperationDeleteFile "
        "ApplyPatchCallOperationUpdateFile=responses.response_function_shell_tool_call:OperationUpdateFile "
        "ApplyPatchCallCallerDirect=responses.response_function_tool_call:CallerDirect "
        "ApplyPatchCallCallerProgram=responses.response_function_tool_call:CallerProgram "
        "ApplyPatchCallOutput=responses.response_function_shell_tool_call:ResponseApplyPatchToolCallOutput "
        "ApplyPatchCallOutputCallerDirect=responses.response_function_tool_call:CallerDirect "
        "ApplyPatchCallOutputCallerProgram=responses.response_function_tool_call:CallerProgram "
        "McpListTools=responses.response_output_item:McpListTools "
        "McpListToolsTool=responses.response_output_item:McpListToolsTool "
        "McpApprovalRequest=responses.response_output_item:McpApprovalRequest "
        "McpApprovalResponse=responses.response_output_item:McpApprovalResponse "
        "McpCall=responses.response_output_item:McpCall Program=responses.response_output_item:Program "
        "ProgramOutput=responses.response_output_item:ProgramOutput"
    ),
    "responses.response_output_text_annotation_added_event": (
        "AnnotationFileCitation=responses.response_output_text:AnnotationFileCitation "
        "AnnotationURLCitation=responses.response_output_text:AnnotationURLCitation "
        "AnnotationContainerFileCitation=responses.response_output_text:AnnotationContainerFileCitation "
        "AnnotationFilePath=responses.response_output_text:AnnotationFilePath"
    ),
    "responses.response_reasoning_item": "Content=ReasoningText",
    "responses.response_reasoning_summary_part_added_event responses.response_reasoning_summary_part_done_event": "Part=Summary",
    "responses.response_shell_call_output_content_done_event": (
        "OutputOutcomeTimeout=responses.response_function_shell_tool_call:OutputOutcomeTimeout "
        "OutputOutcomeExit=responses.response_function_shell_tool_call:OutputOutcomeExit"
    ),
    "responses.response_steer_failed_event": "Steer=FailedSteer",
    "webhooks.agent_session_action_required_webhook_event": "Data=SessionWaiting DataRequiredAction=RequiredAction",
    "webhooks.agent_session_created_webhook_event": "Data=SessionCreated DataConnect=Connect",
    (
        "webhooks.agent_session_failed_webhook_event webhooks.agent_session_idle_webhook_event "
        "webhooks.agent_session_in_progress_webhook_event"
    ): (
        "Data=Session"
    ),
    "webhooks.live_call_incoming_webhook_event": "Data=LiveCall DataSipHeader=SipHeader",
    "webhooks.live_transport_connected_webhook_event": "Data=LiveConnection",
    "webhooks.live_transport_incoming_webhook_event": "Data=LiveTransport DataSipHeader=SipHeader",
    "webhooks.realtime_call_incoming_webhook_event": "Data=RealtimeCall DataSipHeader=SipHeader",
    "webhooks.safety_identifier_blocked_webhook_event": "Data=Blocked",
}  # fmt: skip

NESTED = {
    module: dict(pair.split("=") for pair in pairs.split()) for modules, pairs in RENAMED.items() for module in modules.split()
}
