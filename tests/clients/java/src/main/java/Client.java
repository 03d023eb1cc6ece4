import com.azure.ai.openai.OpenAIAsyncClient;
import com.azure.ai.openai.OpenAIClient;
import com.azure.ai.openai.OpenAIClientBuilder;
import com.azure.ai.openai.OpenAIServiceVersion;
import com.azure.ai.openai.models.AudioTranscription;
import com.azure.ai.openai.models.AudioTranscriptionFormat;
import com.azure.ai.openai.models.AudioTranscriptionOptions;
import com.azure.ai.openai.models.AudioTranscriptionTimestampGranularity;
import com.azure.ai.openai.models.ChatChoice;
import com.azure.ai.openai.models.ChatCompletions;
import com.azure.ai.openai.models.ChatCompletionsFunctionToolCall;
import com.azure.ai.openai.models.ChatCompletionsFunctionToolDefinition;
import com.azure.ai.openai.models.ChatCompletionsFunctionToolDefinitionFunction;
import com.azure.ai.openai.models.ChatCompletionsJsonSchemaResponseFormat;
import com.azure.ai.openai.models.ChatCompletionsJsonSchemaResponseFormatJsonSchema;
import com.azure.ai.openai.models.ChatCompletionsOptions;
import com.azure.ai.openai.models.ChatMessageImageContentItem;
import com.azure.ai.openai.models.ChatMessageImageUrl;
import com.azure.ai.openai.models.ChatMessageTextContentItem;
import com.azure.ai.openai.models.ChatRequestAssistantMessage;
import com.azure.ai.openai.models.ChatRequestMessage;
import com.azure.ai.openai.models.ChatRequestSystemMessage;
import com.azure.ai.openai.models.ChatRequestToolMessage;
import com.azure.ai.openai.models.ChatRequestUserMessage;
import com.azure.ai.openai.models.ChatRole;
import com.azure.ai.openai.models.Completions;
import com.azure.ai.openai.models.CompletionsFinishReason;
import com.azure.ai.openai.models.CompletionsOptions;
import com.azure.ai.openai.models.Embeddings;
import com.azure.ai.openai.models.EmbeddingsOptions;
import com.azure.ai.openai.models.ImageGenerationOptions;
import com.azure.ai.openai.models.ImageGenerationResponseFormat;
import com.azure.ai.openai.models.SpeechGenerationOptions;
import com.azure.ai.openai.models.SpeechGenerationResponseFormat;
import com.azure.ai.openai.models.SpeechVoice;
import com.azure.core.credential.AzureKeyCredential;
import com.azure.core.exception.ClientAuthenticationException;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.exception.ResourceNotFoundException;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.core.util.BinaryData;
import com.azure.identity.DefaultAzureCredentialBuilder;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays the calls of azure-ai-openai as Microsoft's guide has them.
 *
 * <p>AZURE_OPENAI_ENDPOINT is https, as no key is sent otherwise; the trust store is one that the service's authority is in.
 */
public final class Client {
    private static final String ENDPOINT = System.getenv("AZURE_OPENAI_ENDPOINT");
    private static final String KEY = System.getenv("AZURE_OPENAI_API_KEY");
    private static final String SPOKEN = "Testing, testing, 1, 2, 3.";
    private static final RetryOptions NEVER = new RetryOptions(new FixedDelayOptions(0, Duration.ofMillis(1)));

    private static OpenAIClientBuilder builder() {
        return new OpenAIClientBuilder().endpoint(ENDPOINT).credential(new AzureKeyCredential(KEY));
    }

    /** A client each of whose requests asks for this fault. */
    private static OpenAIClientBuilder faulty(String fault) {
        return builder().addPolicy((context, next) -> {
            context.getHttpRequest().setHeader(HttpHeaderName.fromString("x-ceyx-fault"), fault);
            return next.process();
        });
    }

    private final OpenAIClient client = builder().buildClient();

    private static ChatCompletionsOptions parrot() {
        List<ChatRequestMessage> messages = new ArrayList<>();
        messages.add(new ChatRequestSystemMessage("You are a helpful assistant. You will talk like a pirate."));
        messages.add(new ChatRequestUserMessage("Can you help me?"));
        messages.add(new ChatRequestAssistantMessage("Of course, me hearty! What can I do for ye?"));
        messages.add(new ChatRequestUserMessage("What's the best way to train a parrot?"));
        return new ChatCompletionsOptions(messages);
    }

    private static ChatCompletionsOptions about(ChatRequestMessage... messages) {
        return new ChatCompletionsOptions(new ArrayList<>(Arrays.asList(messages)));
    }

    private String said(ChatCompletionsOptions options) {
        return client.getChatCompletions("gpt-4o", options).getChoices().get(0).getMessage().getContent();
    }

    String chat() {
        StringBuilder models = new StringBuilder();
        for (OpenAIServiceVersion version : List.of(OpenAIServiceVersion.V2024_06_01, OpenAIServiceVersion.getLatest())) {
            ChatCompletions answer = builder().serviceVersion(version).buildClient().getChatCompletions("gpt-4o", parrot());
            ChatChoice choice = answer.getChoices().get(0);
            Report.check(choice.getMessage().getContent().contains("train a parrot"), choice.getMessage().getContent());
            Report.check(choice.getMessage().getRole().equals(ChatRole.ASSISTANT), choice.getMessage().getRole());
            Report.check(choice.getFinishReason().equals(CompletionsFinishReason.STOPPED), choice.getFinishReason());
            Report.check(!choice.getContentFilterResults().getViolence().isFiltered(), "violence");
            Report.check(answer.getUsage().getTotalTokens() > answer.getUsage().getPromptTokens(), answer.getUsage());
            Report.check(answer.getId() != null && answer.getCreatedAt().getYear() > 2000, answer.getCreatedAt());
            models.append(models.isEmpty() ? answer.getModel() + ", " : " and ").append(version.getVersion());
        }
        return models + "; what the content filter found";
    }

    String stream() {
        String whole = said(parrot());
        StringBuilder text = new StringBuilder();
        int chunks = 0;
        for (ChatCompletions chunk : client.getChatCompletionsStream("gpt-4o", parrot())) {
            chunks++;
            for (ChatChoice choice : chunk.getChoices()) {
                if (choice.getDelta().getContent() != null) text.append(choice.getDelta().getContent());
            }
        }
        Report.check(chunks > 1 && text.toString().equals(whole), text);
        return chunks + " chunks, the text of the whole answer";
    }

    String imageInput() {
        String inline = client.getImageGenerations("dall-e-3",
            new ImageGenerationOptions("Seattle").setResponseFormat(ImageGenerationResponseFormat.BASE64)).getData().get(0).getBase64Data();
        for (String url : List.of("https://example.com/seattle.png", "data:image/png;base64," + inline)) {
            String text = said(about(new ChatRequestSystemMessage("You are a helpful assistant that describes images"),
                new ChatRequestUserMessage(Arrays.asList(new ChatMessageTextContentItem("Please describe this image"),
                    new ChatMessageImageContentItem(new ChatMessageImageUrl(url))))));
            Report.check(text.contains("1 image"), text);
        }
        return "by address, and inline";
    }

    String tools() {
        ChatCompletionsOptions options = about(new ChatRequestUserMessage("What is the weather in Paris?"));
        options.setTools(List.of(new ChatCompletionsFunctionToolDefinition(
            new ChatCompletionsFunctionToolDefinitionFunction("get_weather").setParameters(BinaryData.fromString(
                "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}}, \"required\": [\"city\"]}")))));
        ChatChoice choice = client.getChatCompletions("gpt-4o", options).getChoices().get(0);
        Report.check(choice.getFinishReason().equals(CompletionsFinishReason.TOOL_CALLS), choice.getFinishReason());
        ChatCompletionsFunctionToolCall call = (ChatCompletionsFunctionToolCall) choice.getMessage().getToolCalls().get(0);
        Map<?, ?> arguments = BinaryData.fromString(call.getFunction().getArguments()).toObject(Map.class);
        Report.check(call.getFunction().getName().equals("get_weather") && "Paris".equals(arguments.get("city")), arguments);
        options.getMessages().add(new ChatRequestAssistantMessage("").setToolCalls(choice.getMessage().getToolCalls()));
        options.getMessages().add(new ChatRequestToolMessage("Sunny, 20 degrees", call.getId()));
        Report.check(said(options).contains("Sunny, 20 degrees"), said(options));
        return "called, answered with the result";
    }

    String structuredOutput() {
        ChatCompletionsOptions options = about(new ChatRequestUserMessage("Make an event \"Science Fair\" with \"Alice\"."));
        options.setResponseFormat(new ChatCompletionsJsonSchemaResponseFormat(
            new ChatCompletionsJsonSchemaResponseFormatJsonSchema("event").setStrict(true).setSchema(BinaryData.fromString(
                "{\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"name\", \"participants\"], \"properties\": "
                    + "{\"name\": {\"type\": \"string\"}, \"participants\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}}}}"))));
        String text = said(options);
        Map<?, ?> event = BinaryData.fromString(text).toObject(Map.class);
        Report.check(event.get("name") instanceof String && !((List<?>) event.get("participants")).isEmpty(), text);
        return text;
    }

    String embeddings() {
        Embeddings answer = client.getEmbeddings("text-embedding-3-large",
            new EmbeddingsOptions(Arrays.asList("Your text string goes here", "Something else")));
        Report.check(answer.getData().size() == 2 && answer.getData().get(1).getPromptIndex() == 1, answer.getData().size());
        List<Float> numbers = answer.getData().get(0).getEmbedding();
        double length = numbers.stream().mapToDouble(each -> each * each).sum();
        Report.check(numbers.size() == 3072 && Math.abs(length - 1) < 1e-3, numbers.size() + " numbers, length " + length);
        return "two texts, of 3072 numbers";
    }

    String images() throws Exception {
        ImageGenerationOptions options = new ImageGenerationOptions("A drawing of the Seattle skyline in the style of Van Gogh");
        URI url = URI.create(client.getImageGenerations("dall-e-3", options).getData().get(0).getUrl());
        HttpURLConnection head = (HttpURLConnection) url.toURL().openConnection();
        head.setRequestMethod("HEAD");
        Report.check(head.getResponseCode() == 200, head.getResponseCode());
        try (InputStream picture = url.toURL().openStream()) {
            String start = new String(picture.readNBytes(4), StandardCharsets.ISO_8859_1);
            Report.check(start.equals("\u0089PNG"), start);
        }
        return "a PNG by its address, which answers HEAD";
    }

    private byte[] spoken(SpeechGenerationResponseFormat format) {
        SpeechGenerationOptions options = new SpeechGenerationOptions(SPOKEN, SpeechVoice.ALLOY).setResponseFormat(format);
        return client.generateSpeechFromText("tts-1", options).toBytes();
    }

    String speech() {
        byte[] wav = spoken(SpeechGenerationResponseFormat.WAV);
        Report.check(new String(wav, 0, 4, StandardCharsets.ISO_8859_1).equals("RIFF"), wav[0]);
        byte[] mp3 = spoken(null);
        Report.check(mp3.length > 1000, mp3.length);
        return "wav of " + wav.length + " bytes, mp3";
    }

    String transcription() {
        byte[] recording = spoken(SpeechGenerationResponseFormat.MP3);
        AudioTranscription heard = client.getAudioTranscription("whisper", "speech.mp3",
            new AudioTranscriptionOptions(recording).setResponseFormat(AudioTranscriptionFormat.JSON));
        Report.check(heard.getText().equals(SPOKEN), heard.getText());
        AudioTranscription verbose = client.getAudioTranscription("whisper", "speech.mp3",
            new AudioTranscriptionOptions(recording).setResponseFormat(AudioTranscriptionFormat.VERBOSE_JSON)
                .setTimestampGranularities(List.of(AudioTranscriptionTimestampGranularity.WORD, AudioTranscriptionTimestampGranularity.SEGMENT)));
        Report.check(verbose.getWords().size() == 5 && !verbose.getSegments().isEmpty(), verbose.getText());
        String text = client.getAudioTranscriptionText("whisper", "speech.mp3",
            new AudioTranscriptionOptions(recording).setResponseFormat(AudioTranscriptionFormat.TEXT));
        Report.check(text.strip().equals(SPOKEN), text);
        return "the text that was spoken; JSON, words and segments, text";
    }

    String legacyCompletions() {
        CompletionsOptions options = new CompletionsOptions(List.of("Hello World!")).setMaxTokens(100).setTemperature(0.0);
        String whole = client.getCompletions("gpt-35-turbo-instruct", options).getChoices().get(0).getText();
        Report.check(whole.contains("Hello World!"), whole);
        StringBuilder text = new StringBuilder();
        for (Completions chunk : client.getCompletionsStream("gpt-35-turbo-instruct", options)) {
            chunk.getChoices().forEach(choice -> text.append(choice.getText()));
        }
        Report.check(text.toString().equals(whole), text);
        return "whole and streamed";
    }

    String responses() throws Report.NotThere {
        throw new Report.NotThere("this package has no call for them");
    }

    String errors() throws Exception {
        for (int status : new int[] {400, 401, 403, 404, 409, 422, 429, 500, 503, 504}) {
            OpenAIClient failing = faulty("status;code=" + status).retryOptions(NEVER).buildClient();
            HttpResponseException error = Report.refused(HttpResponseException.class, () -> failing.getChatCompletions("gpt-4o", parrot()));
            Report.check(error.getResponse().getStatusCode() == status && error.getValue() != null, error);
        }
        ResourceNotFoundException unknown = Report.refused(ResourceNotFoundException.class, () -> client.getChatCompletions("nobody", parrot()));
        Report.check(unknown.getMessage().contains("DeploymentNotFound"), unknown.getMessage());
        HttpResponseException hot = Report.refused(HttpResponseException.class, () -> client.getChatCompletions("gpt-4o", parrot().setTemperature(9.0)));
        Report.check(hot.getResponse().getStatusCode() == 400 && hot.getMessage().contains("temperature"), hot.getMessage());
        OpenAIClient stranger = builder().credential(new AzureKeyCredential("a-wrong-key")).buildClient();
        Report.refused(ClientAuthenticationException.class, () -> stranger.getChatCompletions("gpt-4o", parrot()));
        OpenAIClient filtered = faulty("prompt-filtered;category=violence").buildClient();
        Report.check(Report.refused(HttpResponseException.class, () -> filtered.getChatCompletions("gpt-4o", parrot()))
            .getMessage().contains("content_filter"), "no content filter");
        OpenAIAsyncClient waiting = builder().buildAsyncClient();
        Report.check(waiting.getChatCompletions("gpt-4o", parrot()).block() != null, "nothing came");
        boolean[] told = {false};
        waiting.getChatCompletions("nobody", parrot())
            .doOnError(ResourceNotFoundException.class, error -> told[0] = true)
            .onErrorComplete().block();
        Report.check(told[0], "doOnError was not called");
        return "each by its status, a filtered prompt, the service's own 400, 401, 404; blocking and async";
    }

    String retries() throws Exception {
        for (int status : new int[] {408, 429, 500, 502, 503, 504}) {
            OpenAIClient unlucky = faulty("status;code=" + status + ";retry-after-ms=5;times=3").buildClient();
            Report.check(unlucky.getChatCompletions("gpt-4o", parrot()).getChoices().size() == 1, status);
        }
        OpenAIClient once = faulty("status;code=503;times=1;key=azure-ai-openai").retryOptions(NEVER).buildClient();
        Report.refused(HttpResponseException.class, () -> once.getChatCompletions("gpt-4o", parrot()));
        return "three by itself, none when told";
    }

    String tls() {
        Report.check(ENDPOINT.startsWith("https://"), ENDPOINT);
        return "all of this goes through it, trusted by javax.net.ssl.trustStore";
    }

    String identity() {
        OpenAIClient keyless = new OpenAIClientBuilder().endpoint(ENDPOINT).credential(new DefaultAzureCredentialBuilder().build()).buildClient();
        Report.check(keyless.getChatCompletions("gpt-4o", parrot()).getChoices().size() == 1, "no choice");
        return "DefaultAzureCredential finds the managed identity; its token is taken";
    }

    public static void main(String[] arguments) {
        Client client = new Client();
        Map<String, Report.Scenario> scenarios = new LinkedHashMap<>();
        scenarios.put("chat", client::chat);
        scenarios.put("stream", client::stream);
        scenarios.put("image input", client::imageInput);
        scenarios.put("tools", client::tools);
        scenarios.put("structured output", client::structuredOutput);
        scenarios.put("embeddings", client::embeddings);
        scenarios.put("images", client::images);
        scenarios.put("speech", client::speech);
        scenarios.put("transcription", client::transcription);
        scenarios.put("legacy completions", client::legacyCompletions);
        scenarios.put("responses", client::responses);
        scenarios.put("errors", client::errors);
        scenarios.put("retries", client::retries);
        scenarios.put("tls", client::tls);
        scenarios.put("identity", client::identity);
        System.exit(Report.of(scenarios)); // threads of the HTTP client would keep it from ending
    }
}
