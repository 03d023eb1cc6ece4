// Plays the calls of azopenai as Microsoft's guide has them: its own client, which went with version 0.8.
//
// AZURE_OPENAI_ENDPOINT is https, as azcore sends no key otherwise; SSL_CERT_FILE names the authority to trust.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"os"
	"strings"

	"ceyx.test/report"
	"github.com/Azure/azure-sdk-for-go/sdk/ai/azopenai"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

var (
	ctx      = context.Background()
	endpoint = os.Getenv("AZURE_OPENAI_ENDPOINT")
	key      = os.Getenv("AZURE_OPENAI_API_KEY")
	must     = report.Check
)

const spoken = "Testing, testing, 1, 2, 3."

func clientOf(key string, options *azopenai.ClientOptions) *azopenai.Client {
	return report.Must(azopenai.NewClientWithKeyCredential(endpoint, azcore.NewKeyCredential(key), options))
}

var client = clientOf(key, nil)

var parrot = []azopenai.ChatRequestMessageClassification{
	&azopenai.ChatRequestSystemMessage{Content: azopenai.NewChatRequestSystemMessageContent("You are a helpful assistant. You will talk like a pirate.")},
	&azopenai.ChatRequestUserMessage{Content: azopenai.NewChatRequestUserMessageContent("Can you help me?")},
	&azopenai.ChatRequestAssistantMessage{Content: azopenai.NewChatRequestAssistantMessageContent("Arrrr! Of course, me hearty! What can I do for ye?")},
	user("What's the best way to train a parrot?"),
}

func user(text string) *azopenai.ChatRequestUserMessage {
	return &azopenai.ChatRequestUserMessage{Content: azopenai.NewChatRequestUserMessageContent(text)}
}

func about(messages ...azopenai.ChatRequestMessageClassification) azopenai.ChatCompletionsOptions {
	return azopenai.ChatCompletionsOptions{Messages: messages, DeploymentName: to.Ptr("gpt-4o")}
}

// said is the text of the only choice.
func said(response azopenai.GetChatCompletionsResponse, err error) string {
	must(err == nil, "%w", err)
	must(len(response.Choices) == 1, "%d choices", len(response.Choices))
	return *response.Choices[0].Message.Content
}

func chat() string {
	response := report.Must(client.GetChatCompletions(ctx, about(parrot...), nil))
	choice := response.Choices[0]
	must(strings.Contains(*choice.Message.Content, "train a parrot"), "it said %q", *choice.Message.Content)
	must(*choice.FinishReason == azopenai.CompletionsFinishReasonStopped, "it finished by %v", *choice.FinishReason)
	filtered := choice.ContentFilterResults
	must(filtered.Error == nil && *filtered.Hate.Severity == "safe" && !*filtered.Violence.Filtered, "content filter: %v", filtered)
	must(len(response.PromptFilterResults) > 0 && *response.Usage.TotalTokens > *response.Usage.PromptTokens, "%v", response.Usage)
	return *response.Model + ", with what the content filter found"
}

func stream() string {
	whole := said(client.GetChatCompletions(ctx, about(parrot...), nil))
	options := azopenai.ChatCompletionsStreamOptions{Messages: parrot, N: to.Ptr[int32](1), DeploymentName: to.Ptr("gpt-4o")}
	response := report.Must(client.GetChatCompletionsStream(ctx, options, nil))
	defer response.ChatCompletionsStream.Close()
	text, chunks := "", 0
	for {
		chunk, err := response.ChatCompletionsStream.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		must(err == nil, "%w", err)
		chunks++
		for _, choice := range chunk.Choices {
			if choice.Delta.Content != nil {
				text += *choice.Delta.Content
			}
		}
	}
	must(chunks > 1 && text == whole, "%d chunks said %q", chunks, text)
	return "the text of the whole answer, chunk by chunk"
}

func imageInput() string {
	type part = azopenai.ChatCompletionRequestMessageContentPartClassification
	drawn := report.Must(client.GetImageGenerations(ctx, azopenai.ImageGenerationOptions{
		Prompt: to.Ptr("Seattle"), ResponseFormat: to.Ptr(azopenai.ImageGenerationResponseFormatBase64), DeploymentName: to.Ptr("dall-e-3"),
	}, nil))
	for _, url := range []string{"https://example.com/seattle.png", "data:image/png;base64," + *drawn.Data[0].Base64Data} {
		content := []part{
			&azopenai.ChatCompletionRequestMessageContentPartText{Text: to.Ptr("Describe this image")},
			&azopenai.ChatCompletionRequestMessageContentPartImage{
				ImageURL: &azopenai.ChatCompletionRequestMessageContentPartImageURL{URL: &url},
			},
		}
		message := &azopenai.ChatRequestUserMessage{Content: azopenai.NewChatRequestUserMessageContent(content)}
		text := said(client.GetChatCompletions(ctx, about(message), nil))
		must(strings.Contains(text, "1 image"), "it said %q", text)
	}
	return "by address, and inline"
}

func tools() string {
	options := about(user("What's the weather like in Boston, MA, in celsius?"))
	options.Tools = []azopenai.ChatCompletionsToolDefinitionClassification{
		&azopenai.ChatCompletionsFunctionToolDefinition{Function: &azopenai.ChatCompletionsFunctionToolDefinitionFunction{
			Name:        to.Ptr("get_current_weather"),
			Description: to.Ptr("Get the current weather in a given location"),
			Parameters: []byte(`{"type": "object", "required": ["location"], "properties": {"location": {"type": "string"},
				"unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}}}`),
		}},
	}
	choice := report.Must(client.GetChatCompletions(ctx, options, nil)).Choices[0]
	call := choice.Message.ToolCalls[0].(*azopenai.ChatCompletionsFunctionToolCall)
	var arguments struct{ Location, Unit string }
	must(json.Unmarshal([]byte(*call.Function.Arguments), &arguments) == nil, "arguments %q", *call.Function.Arguments)
	must(*call.Function.Name == "get_current_weather" && arguments.Location == "Boston, MA" && arguments.Unit == "celsius", "%v", arguments)
	options.Messages = append(options.Messages,
		&azopenai.ChatRequestAssistantMessage{ToolCalls: choice.Message.ToolCalls},
		&azopenai.ChatRequestToolMessage{ToolCallID: call.ID, Content: azopenai.NewChatRequestToolMessageContent("Sunny, 20 degrees")})
	text := said(client.GetChatCompletions(ctx, options, nil))
	must(strings.Contains(text, "Sunny, 20 degrees"), "it said %q", text)
	return "called, answered with the result"
}

func structuredOutput() string {
	options := about(user(`Make an event "Science Fair" with "Alice".`))
	options.ResponseFormat = &azopenai.ChatCompletionsJSONSchemaResponseFormat{JSONSchema: &azopenai.ChatCompletionsJSONSchemaResponseFormatJSONSchema{
		Name:   to.Ptr("event"),
		Strict: to.Ptr(true),
		Schema: []byte(`{"type": "object", "required": ["name", "participants"], "additionalProperties": false,
			"properties": {"name": {"type": "string"}, "participants": {"type": "array", "items": {"type": "string"}}}}`),
	}}
	text := said(client.GetChatCompletions(ctx, options, nil))
	var event struct {
		Name         string
		Participants []string
	}
	must(json.Unmarshal([]byte(text), &event) == nil && event.Name != "" && len(event.Participants) > 0, "it said %q", text)
	return text
}

func embeddings() string {
	options := azopenai.EmbeddingsOptions{
		Input: []string{"Testing, testing, 1,2,3.", "Something else"}, DeploymentName: to.Ptr("text-embedding-3-large"),
	}
	plain := report.Must(client.GetEmbeddings(ctx, options, nil)).Data
	must(len(plain) == 2 && *plain[1].Index == 1 && len(plain[0].Embedding) == 3072, "%d embeddings", len(plain))
	options.EncodingFormat = to.Ptr(azopenai.EmbeddingEncodingFormatBase64)
	packed := report.Must(base64.StdEncoding.DecodeString(report.Must(client.GetEmbeddings(ctx, options, nil)).Data[0].EmbeddingBase64))
	for i, value := range plain[0].Embedding {
		other := math.Float32frombits(binary.LittleEndian.Uint32(packed[4*i:]))
		must(math.Abs(float64(value-other)) < 1e-6, "number %d is %v and %v", i, value, other)
	}
	return "3072 numbers; floats and base64"
}

func images() string {
	response := report.Must(client.GetImageGenerations(ctx, azopenai.ImageGenerationOptions{
		Prompt: to.Ptr("a cat"), ResponseFormat: to.Ptr(azopenai.ImageGenerationResponseFormatURL), DeploymentName: to.Ptr("dall-e-3"),
	}, nil))
	head := report.Must(http.Head(*response.Data[0].URL))
	head.Body.Close()
	must(head.StatusCode == http.StatusOK, "HEAD: %s", head.Status)
	got := report.Must(http.Get(*response.Data[0].URL))
	defer got.Body.Close()
	must(bytes.HasPrefix(report.Must(io.ReadAll(got.Body)), []byte("\x89PNG")), "no PNG")
	return "a PNG by its address, which answers HEAD"
}

func spokenAloud() []byte {
	response := report.Must(client.GenerateSpeechFromText(ctx, azopenai.SpeechGenerationOptions{
		Input:          to.Ptr(spoken),
		Voice:          to.Ptr(azopenai.SpeechVoiceAlloy),
		ResponseFormat: to.Ptr(azopenai.SpeechGenerationResponseFormatFlac),
		DeploymentName: to.Ptr("tts-1"),
	}, nil))
	defer response.Body.Close()
	return report.Must(io.ReadAll(response.Body))
}

func speech() string {
	must(bytes.HasPrefix(spokenAloud(), []byte("fLaC")), "no flac")
	openai := report.Must(azopenai.NewClientForOpenAI(os.Getenv("OPENAI_BASE_URL"), azcore.NewKeyCredential(key), nil))
	response := report.Must(openai.GenerateSpeechFromText(ctx, azopenai.SpeechGenerationOptions{
		Input: to.Ptr(spoken), Voice: to.Ptr(azopenai.SpeechVoiceAlloy), DeploymentName: to.Ptr("tts-1"),
	}, nil))
	defer response.Body.Close()
	mp3 := report.Must(io.ReadAll(response.Body))
	must(len(mp3) > 1000, "%d bytes", len(mp3))
	return "flac from Azure's paths, mp3 from OpenAI's"
}

func transcription() string {
	recording := spokenAloud()
	for _, format := range []azopenai.AudioTranscriptionFormat{azopenai.AudioTranscriptionFormatText, azopenai.AudioTranscriptionFormatVerboseJSON} {
		response := report.Must(client.GetAudioTranscription(ctx, azopenai.AudioTranscriptionOptions{
			File: recording, Filename: to.Ptr("speech.flac"), ResponseFormat: &format, DeploymentName: to.Ptr("whisper"),
		}, nil))
		must(strings.TrimSpace(*response.Text) == spoken, "%s: it heard %q", format, *response.Text)
		must(format == azopenai.AudioTranscriptionFormatText || len(response.Segments) > 0, "no segments")
	}
	return "the text that was spoken; text and segments"
}

func legacyCompletions() string {
	options := azopenai.CompletionsOptions{
		Prompt:         []string{"What is Azure OpenAI, in 20 words or less"},
		MaxTokens:      to.Ptr(int32(2048)),
		Temperature:    to.Ptr(float32(0.0)),
		DeploymentName: to.Ptr("gpt-35-turbo-instruct"),
	}
	text := *report.Must(client.GetCompletions(ctx, options, nil)).Choices[0].Text
	must(strings.Contains(text, "What is Azure OpenAI"), "it said %q", text)
	return "whole"
}

func responses() string { panic(report.NotThere("this version has no call for them")) }

// failed is the error of a chat that is to fail with this status.
func failed(client *azopenai.Client, options azopenai.ChatCompletionsOptions, status int) *azcore.ResponseError {
	_, err := client.GetChatCompletions(ctx, options, nil)
	var refused *azcore.ResponseError
	must(errors.As(err, &refused) && refused.StatusCode == status, "no %d, but %v", status, err)
	return refused
}

// faulty sends a header with each request; without a number of retries, azcore's own.
type faulty string

func (fault faulty) Do(request *policy.Request) (*http.Response, error) {
	request.Raw().Header.Set("x-ceyx-fault", string(fault))
	return request.Next()
}

func with(fault string, retries int32) *azopenai.Client {
	options := &azopenai.ClientOptions{}
	options.PerCallPolicies = []policy.Policy{faulty(fault)}
	options.Retry.MaxRetries = retries
	return clientOf(key, options)
}

func errs() string {
	for code, status := range map[string]int{"400": 400, "401": 401, "403": 403, "404": 404, "422": 422, "429": 429, "500": 500, "503": 503, "504": 504} {
		refused := failed(with("status;code="+code, -1), about(parrot...), status)
		body := report.Must(io.ReadAll(refused.RawResponse.Body))
		must(json.Valid(body), "%s: %q", code, body)
	}
	nobody := about(parrot...)
	nobody.DeploymentName = to.Ptr("nobody")
	must(failed(client, nobody, 404).ErrorCode == "DeploymentNotFound", "no DeploymentNotFound")
	hot := about(parrot...)
	hot.Temperature = to.Ptr(float32(9))
	must(strings.Contains(failed(client, hot, 400).Error(), "temperature"), "the 400 does not say why")
	failed(clientOf("a-wrong-key", nil), about(parrot...), 401)
	var filtered *azopenai.ContentFilterResponseError
	_, err := with("prompt-filtered;category=violence", -1).GetChatCompletions(ctx, about(parrot...), nil)
	must(errors.As(err, &filtered) && *filtered.ContentFilterResults.Violence.Filtered, "no content filter, but %v", err)
	_, err = with("hang-up", -1).GetChatCompletions(ctx, about(parrot...), nil)
	must(err != nil, "no error where the connection broke")
	return "each by its status, a filtered prompt, a broken connection, and the service's own 400, 401, 404"
}

func retries() string {
	for _, code := range []string{"408", "429", "500", "502", "503", "504"} {
		text := said(with("status;code="+code+";retry-after-ms=5;times=3", 0).GetChatCompletions(ctx, about(parrot...), nil))
		must(text != "", "nothing was said")
	}
	failed(with("status;code=503;retry-after-ms=5;times=1;key=azopenai-0.7", -1), about(parrot...), 503)
	return "three by itself, none when told"
}

func tls() string {
	must(strings.HasPrefix(endpoint, "https://"), "%s is no https", endpoint)
	return "all of this goes through it, trusted by SSL_CERT_FILE"
}

func identity() string {
	credential := report.Must(azidentity.NewDefaultAzureCredential(nil))
	client := report.Must(azopenai.NewClient(endpoint, credential, nil))
	must(said(client.GetChatCompletions(ctx, about(parrot...), nil)) != "", "nothing was said")
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
		{Name: "responses", Play: responses},
		{Name: "errors", Play: errs},
		{Name: "retries", Play: retries},
		{Name: "tls", Play: tls},
		{Name: "identity", Play: identity},
	})
}
