// What to write so that a program talks to this service: addresses, key, and a first call in five languages.

import { copies, make } from "./dom.js";

const CALLS = {
  curl: {
    OpenAI: (at) => `curl ${at.url}/v1/chat/completions \\
  -H "Authorization: Bearer ${at.key}" -H "Content-Type: application/json" \\
  -d '{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}'`,
    Azure: (at) => `curl "${at.url}/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21" \\
  -H "api-key: ${at.key}" -H "Content-Type: application/json" \\
  -d '{"messages": [{"role": "user", "content": "Hello"}]}'`,
  },
  Python: {
    OpenAI: (at) => `from ceyx import OpenAI  # or: from openai import OpenAI

client = OpenAI(base_url="${at.url}/v1", api_key="${at.key}")
answer = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])
print(answer.choices[0].message.content)`,
    Azure: (at) => `from ceyx import AzureOpenAI  # or: from openai import AzureOpenAI

client = AzureOpenAI(azure_endpoint="${at.url}", api_key="${at.key}", api_version="2024-10-21")
answer = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])
print(answer.choices[0].message.content)`,
  },
  JavaScript: {
    OpenAI: (at) => `import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${at.url}/v1", apiKey: "${at.key}" });
const answer = await client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "Hello" }] });
console.log(answer.choices[0].message.content);`,
    Azure: (at) => `import { AzureOpenAI } from "openai";

const client = new AzureOpenAI({ endpoint: "${at.url}", apiKey: "${at.key}", apiVersion: "2024-10-21" });
const answer = await client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "Hello" }] });
console.log(answer.choices[0].message.content);`,
  },
  Go: {
    OpenAI: (at) => go(`option.WithBaseURL("${at.url}/v1/"),
		option.WithAPIKey("${at.key}"),`, "option"),
    Azure: (at) => go(`azure.WithEndpoint("${at.url}", "2024-10-21"),
		azure.WithAPIKey("${at.key}"),${at.url.startsWith("http:") ? "\n\t\tazure.WithUnsafeAllowHTTP(), // not needed with ceyx serve --tls" : ""}`, "azure"),
  },
  Java: {
    OpenAI: (at) => `// com.openai:openai-java
OpenAIClient client = OpenAIOkHttpClient.builder().baseUrl("${at.url}/v1").apiKey("${at.key}").build();
ChatCompletion answer = client.chat().completions().create(
    ChatCompletionCreateParams.builder().model("gpt-4o").addUserMessage("Hello").build());
System.out.println(answer.choices().get(0).message().content().orElse(""));`,
    Azure: (at) => `// com.azure:azure-ai-openai; it sends keys by https only: ceyx serve --tls
OpenAIClient client = new OpenAIClientBuilder()
    .endpoint("${at.url.replace("http:", "https:")}").credential(new AzureKeyCredential("${at.key}")).buildClient();
ChatCompletions answer = client.getChatCompletions("gpt-4o",
    new ChatCompletionsOptions(List.of(new ChatRequestUserMessage("Hello"))));
System.out.println(answer.getChoices().get(0).getMessage().getContent());`,
  },
};

function go(options, from) {
  return `package main

import (
	"context"
	"fmt"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/${from}"
)

func main() {
	client := openai.NewClient(
		${options}
	)
	answer, err := client.Chat.Completions.New(context.Background(), openai.ChatCompletionNewParams{
		Model:    "gpt-4o",
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hello")},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(answer.Choices[0].Message.Content)
}`;
}

/** How to connect to a service that has said hello. */
export function how(hello) {
  const at = { url: location.origin, key: hello.needs_key ? "one-of-your-keys" : "any" };
  const text = make("pre", { tabindex: "0", "aria-label": "A first call", class: "snippet" });
  const language = make("select", {}, ...Object.keys(CALLS).map((each) => make("option", {}, each)));
  const provider = make("select", {}, make("option", {}, "OpenAI"), make("option", {}, "Azure"));
  const show = () => { text.textContent = CALLS[language.value][provider.value](at); };
  language.addEventListener("change", show);
  provider.addEventListener("change", show);
  show();
  const key = hello.needs_key ? "one of those it was started with" : "any; it takes every one";
  const facts = [["OpenAI", `base URL ${at.url}/v1`], ["Azure OpenAI", `endpoint ${at.url}`], ["Key", key]];
  if (hello.entra) facts.push(["Entra ID", "Azure's paths take the tokens that the service issues"]);
  if (location.protocol === "https:") facts.push(["TLS", "programs must trust the authority that ceyx serve names at its start"]);
  return make("div", { class: "how" },
    make("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])),
    make("div", { class: "bar" }, make("label", {}, "In ", language), make("label", {}, "as to ", provider), copies("Copy", () => text.textContent)),
    text);
}
