// Plays the newest azopenai: the openai-go client with azopenai's helpers for what only Azure has.
//
// The client with a deployment in its paths is asked for all there is in dated versions, that of /openai/v1 for responses.
// AZURE_OPENAI_ENDPOINT is https; SSL_CERT_FILE names the authority to trust.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"

	"ceyx.test/report"
	"github.com/Azure/azure-sdk-for-go/sdk/ai/azopenai"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/azure"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"
)

var (
	_        = os.Unsetenv("OPENAI_API_KEY") // openai-go would send it to Azure, beside Azure's own
	ctx      = context.Background()
	endpoint = os.Getenv("AZURE_OPENAI_ENDPOINT")
	version  = os.Getenv("OPENAI_API_VERSION")
	key      = os.Getenv("AZURE_OPENAI_API_KEY")
	client   = openai.NewClient(azure.WithEndpoint(endpoint, version), azure.WithAPIKey(key))
	undated  = openai.NewClient(option.WithBaseURL(endpoint+"/openai/v1"), option.WithAPIKey(key))
	must     = report.Check
)

const spoken = "Testing, testing, 1, 2, 3."

var parrot = []openai.ChatCompletionMessageParamUnion{
	openai.SystemMessage("You are a helpful assistant. You will talk like a pirate."),
	openai.UserMessage("Can you help me?"),
	openai.AssistantMessage("Arrrr! Of course, me hearty! What can I do for ye?"),
	openai.UserMessage("What's the best way to train a parrot?"),
}

var event = map[string]any{
	"type":                 "object",
	"required":             []string{"name", "participants"},
	"additionalProperties": false,
	"properties": map[string]any{
		"name":         map[string]any{"type": "string"},
		"participants": map[string]any{"type": "array", "items": map[string]any{"type": "string"}},
	},
}

func about(messages ...openai.ChatCompletionMessageParamUnion) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{Model: "gpt-4o", Messages: messages}
}

func chat() string {
	completion := report.Must(client.Chat.Completions.New(ctx, about(parrot...)))
	choice := completion.Choices[0]
	must(strings.Contains(choice.Message.Content, "train a parrot") && choice.FinishReason == "stop", "%s", completion.RawJSON())
	filtered := report.Must(azopenai.ChatCompletionChoice(choice).ContentFilterResults())
	must(*filtered.Hate.Severity == "safe" && !*filtered.Violence.Filtered, "content filter: %v", filtered)
	prompts := report.Must(azopenai.ChatCompletion(*completion).PromptFilterResults())
	must(len(prompts) > 0 && completion.Usage.TotalTokens > completion.Usage.PromptTokens, "%s", completion.RawJSON())
	same := report.Must(undated.Chat.Completions.New(ctx, about(parrot...)))
	must(same.Choices[0].Message.Content == choice.Message.Content, "/openai/v1 says %q", same.Choices[0].Message.Content)
	return completion.Model + ", with what the content filter found; by deployment and by /openai/v1"
}

func stream() string {
	whole := report.Must(client.Chat.Completions.New(ctx, about(parrot...)))
	parts := client.Chat.Completions.NewStreaming(ctx, about(parrot...))
	defer parts.Close()
	said := openai.ChatCompletionAccumulator{}
	chunks := 0
	for parts.Next() {
		chunks++
		must(said.AddChunk(parts.Current()), "chunk %d does not go on from the one before", chunks)
	}
	must(parts.Err() == nil, "%w", parts.Err())
	must(chunks > 1 && said.Choices[0].Message.Content == whole.Choices[0].Message.Content, "%d chunks: %v", chunks, said.Choices)
	return "the text of the whole answer, by its accumulator"
}

func imageInput() string {
	drawn := report.Must(client.Images.Generate(ctx, openai.ImageGenerateParams{Prompt: "Seattle", Model: "dall-e-3", ResponseFormat: "b64_json"}))
	for _, url := range []string{"https://example.com/seattle.png", "data:image/png;base64," + drawn.Data[0].B64JSON} {
		message := openai.UserMessage([]openai.ChatCompletionContentPartUnionParam{
			openai.TextContentPart("Describe this image"),
			openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: url}),
		})
		text := report.Must(client.Chat.Completions.New(ctx, about(message))).Choices[0].Message.Content
		must(strings.Contains(text, "1 image"), "it said %q", text)
	}
	return "by address, and inline"
}

func tools() string {
	asked := about(openai.UserMessage("What's the weather like in Boston, MA, in celsius?"))
	asked.Tools = []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
		Name: "get_current_weather",
		Parameters: map[string]any{
			"type":     "object",
			"required": []string{"location"},
			"properties": map[string]any{
				"location": map[string]any{"type": "string"},
				"unit":     map[string]any{"type": "string", "enum": []string{"celsius", "fahrenheit"}},
			},
		},
	})}
	message := report.Must(client.Chat.Completions.New(ctx, asked)).Choices[0].Message
	call := message.ToolCalls[0]
	var arguments struct{ Location, Unit string }
	must(json.Unmarshal([]byte(call.Function.Arguments), &arguments) == nil, "arguments %q", call.Function.Arguments)
	must(call.Function.Name == "get_current_weather" && arguments.Location == "Boston, MA" && arguments.Unit == "celsius", "%v", arguments)
	asked.Messages = append(asked.Messages, message.ToParam(), openai.ToolMessage("Sunny, 20 degrees", call.ID))
	text := report.Must(client.Chat.Completions.New(ctx, asked)).Choices[0].Message.Content
	must(strings.Contains(text, "Sunny, 20 degrees"), "it said %q", text)
	return "called, answered with the result"
}

func structuredOutput() string {
	asked := about(openai.UserMessage(`Make an event "Science Fair" with "Alice".`))
	asked.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
		JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "event", Strict: openai.Bool(true), Schema: event},
	}}
	text := report.Must(client.Chat.Completions.New(ctx, asked)).Choices[0].Message.Content
	var event struct {
		Name         string
		Participants []string
	}
	must(json.Unmarshal([]byte(text), &event) == nil && event.Name != "" && len(event.Participants) > 0, "it said %q", text)
	return text
}

func embeddings() string {
	answer := report.Must(client.Embeddings.New(ctx, openai.EmbeddingNewParams{
		Model: "text-embedding-3-large",
		Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"Testing, testing, 1,2,3.", "Something else"}},
	}))
	must(len(answer.Data) == 2 && answer.Data[1].Index == 1 && len(answer.Data[0].Embedding) == 3072, "%d embeddings", len(answer.Data))
	return "two texts, of 3072 numbers"
}

func images() string {
	answer := report.Must(client.Images.Generate(ctx, openai.ImageGenerateParams{Prompt: "a cat", Model: "dall-e-3", ResponseFormat: "url"}))
	head := report.Must(http.Head(answer.Data[0].URL))
	head.Body.Close()
	must(head.StatusCode == http.StatusOK, "HEAD: %s", head.Status)
	got := report.Must(http.Get(answer.Data[0].URL))
	defer got.Body.Close()
	must(bytes.HasPrefix(report.Must(io.ReadAll(got.Body)), []byte("\x89PNG")), "no PNG")
	return "a PNG by its address, which answers HEAD"
}

func spokenAloud() []byte {
	answer := report.Must(client.Audio.Speech.New(ctx, openai.AudioSpeechNewParams{
		Model:          "tts-1",
		Input:          spoken,
		Voice:          openai.AudioSpeechNewParamsVoiceAlloy,
		ResponseFormat: openai.AudioSpeechNewParamsResponseFormatFLAC,
	}))
	defer answer.Body.Close()
	return report.Must(io.ReadAll(answer.Body))
}

func speech() string {
	must(bytes.HasPrefix(spokenAloud(), []byte("fLaC")), "no flac")
	return "flac"
}

func transcription() string {
	heard := report.Must(client.Audio.Transcriptions.New(ctx, openai.AudioTranscriptionNewParams{
		Model:          "whisper",
		File:           openai.File(bytes.NewReader(spokenAloud()), "speech.flac", "audio/flac"),
		ResponseFormat: openai.AudioResponseFormatJSON,
	}))
	must(heard.Text == spoken, "it heard %q", heard.Text)
	translated := report.Must(client.Audio.Translations.New(ctx, openai.AudioTranslationNewParams{
		Model: "whisper",
		File:  openai.File(bytes.NewReader(spokenAloud()), "speech.flac", "audio/flac"),
	}))
	must(translated.Text != "", "nothing was translated")
	return "the text that was spoken; translation"
}

func legacyCompletions() string {
	asked := openai.CompletionNewParams{
		Model:       "gpt-35-turbo-instruct",
		Prompt:      openai.CompletionNewParamsPromptUnion{OfArrayOfStrings: []string{"What is Azure OpenAI, in 20 words or less"}},
		MaxTokens:   openai.Int(2048),
		Temperature: openai.Float(0),
	}
	whole := report.Must(client.Completions.New(ctx, asked)).Choices[0].Text
	must(strings.Contains(whole, "What is Azure OpenAI"), "it said %q", whole)
	parts := client.Completions.NewStreaming(ctx, asked)
	defer parts.Close()
	text := ""
	for parts.Next() {
		for _, choice := range parts.Current().Choices {
			text += choice.Text
		}
	}
	must(parts.Err() == nil && text == whole, "%v: the stream said %q", parts.Err(), text)
	return "whole and streamed"
}

func responsesThere() string {
	asked := responses.ResponseNewParams{
		Model: "gpt-4o",
		Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("What's the best way to train a parrot?")},
	}
	first := report.Must(undated.Responses.New(ctx, asked))
	must(strings.Contains(first.OutputText(), "train a parrot") && first.Status == "completed", "%s", first.RawJSON())
	kinds := []string{}
	parts := undated.Responses.NewStreaming(ctx, asked)
	defer parts.Close()
	for parts.Next() {
		kinds = append(kinds, parts.Current().Type)
	}
	must(parts.Err() == nil && len(kinds) > 2 && kinds[len(kinds)-1] == "response.completed", "%v: %v", parts.Err(), kinds)
	asked.PreviousResponseID = openai.String(first.ID)
	must(report.Must(undated.Responses.New(ctx, asked)).PreviousResponseID == first.ID, "it went on from another")
	must(undated.Responses.Delete(ctx, first.ID) == nil, "it could not be deleted")
	_, err := undated.Responses.Get(ctx, first.ID, responses.ResponseGetParams{})
	must(err != nil, "it is still there")
	return "whole, streamed, gone on with, deleted; by /openai/v1"
}

// failed is the error of a chat that is to fail with this status, without a retry.
func failed(asked openai.ChatCompletionNewParams, status int, options ...option.RequestOption) *openai.Error {
	_, err := client.Chat.Completions.New(ctx, asked, append(options, option.WithMaxRetries(0))...)
	var refused *openai.Error
	must(errors.As(err, &refused) && refused.StatusCode == status, "no %d, but %v", status, err)
	return refused
}

func faulty(fault string) option.RequestOption { return option.WithHeader("x-ceyx-fault", fault) }

func errs() string {
	for code, status := range map[string]int{"400": 400, "401": 401, "403": 403, "404": 404, "422": 422, "429": 429, "500": 500, "503": 503, "504": 504} {
		failed(about(parrot...), status, faulty("status;code="+code))
	}
	nobody := about(parrot...)
	nobody.Model = "nobody"
	must(failed(nobody, 404).Code == "DeploymentNotFound", "no DeploymentNotFound")
	hot := about(parrot...)
	hot.Temperature = openai.Float(9)
	must(strings.Contains(failed(hot, 400).Message, "temperature"), "the 400 does not say why")
	failed(about(parrot...), 401, azure.WithAPIKey("a-wrong-key"))
	var filtered *azopenai.ContentFilterError
	_, err := client.Chat.Completions.New(ctx, about(parrot...), faulty("prompt-filtered;category=violence"))
	must(azopenai.ExtractContentFilterError(err, &filtered) && *filtered.Violence.Filtered, "no content filter, but %v", err)
	_, err = client.Chat.Completions.New(ctx, about(parrot...), faulty("hang-up"), option.WithMaxRetries(0))
	must(err != nil, "no error where the connection broke")
	return "each by its status, a filtered prompt, a broken connection, and the service's own 400, 401, 404"
}

func retries() string {
	for _, code := range []string{"408", "429", "500", "503"} {
		report.Must(client.Chat.Completions.New(ctx, about(parrot...), faulty("status;code="+code+";retry-after-ms=5;times=2")))
	}
	failed(about(parrot...), 503, faulty("status;code=503;retry-after-ms=5;times=1;key=azopenai"))
	return "two by itself, none when told"
}

func tls() string {
	must(strings.HasPrefix(endpoint, "https://"), "%s is no https", endpoint)
	return "all of this goes through it, trusted by SSL_CERT_FILE"
}

func identity() string {
	credential := report.Must(azidentity.NewDefaultAzureCredential(nil))
	keyless := openai.NewClient(azure.WithEndpoint(endpoint, version), azure.WithTokenCredential(credential))
	must(report.Must(keyless.Chat.Completions.New(ctx, about(parrot...))).Choices[0].Message.Content != "", "nothing was said")
	return "DefaultAzureCredential finds the managed identity; its token is taken"
}

func main() {
	report.Run([]report.Capability{
		{Name: "chat", Play: chat},
		{Name: "stream", Play: stream},
		{Name: "image input", Play: imageInput},
		{Name: "tools", Play: tools},
		{Name: "structured output", Play: structuredOutput},
		{Name: "embeddings", Play: embeddings},
		{Name: "images", Play: images},
		{Name: "speech", Play: speech},
		{Name: "transcription", Play: transcription},
		{Name: "legacy completions", Play: legacyCompletions},
		{Name: "responses", Play: responsesThere},
		{Name: "errors", Play: errs},
		{Name: "retries", Play: retries},
		{Name: "tls", Play: tls},
		{Name: "identity", Play: identity},
	})
}
