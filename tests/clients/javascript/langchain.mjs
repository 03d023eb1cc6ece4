// `@langchain/openai`: its chat models, LLMs and embeddings, of OpenAI and of Azure. The program's variables say where the service is.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { DefaultAzureCredential, getBearerTokenProvider } from "@azure/identity";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { tool } from "@langchain/core/tools";
import { AzureChatOpenAI, AzureOpenAI, AzureOpenAIEmbeddings, ChatOpenAI, DallEAPIWrapper, OpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { z } from "zod";
import { NotThere, refused, report } from "./report.mjs";

const { OPENAI_BASE_URL: baseURL, AZURE_OPENAI_ENDPOINT: azureOpenAIEndpoint, AZURE_OPENAI_API_KEY: azureOpenAIApiKey } = process.env;
const azureOpenAIApiVersion = process.env.OPENAI_API_VERSION;
// Where the variables hold both, what is of Azure would be asked for at OpenAI's address.
delete process.env.OPENAI_BASE_URL;

const openai = {
  name: "ChatOpenAI",
  chat: (more) => new ChatOpenAI({ model: "gpt-4o", temperature: 0, configuration: { baseURL }, ...more }),
  llm: (more) => new OpenAI({ model: "gpt-3.5-turbo-instruct", maxTokens: 100, configuration: { baseURL }, ...more }),
  embeddings: (more) => new OpenAIEmbeddings({ model: "text-embedding-3-large", configuration: { baseURL }, ...more }),
};
const resource = { azureOpenAIEndpoint, azureOpenAIApiKey, azureOpenAIApiVersion, model: "gpt-4o" };
// Not all of its classes know an endpoint.
const path = { azureOpenAIBasePath: `${azureOpenAIEndpoint}/openai/deployments`, azureOpenAIApiKey, azureOpenAIApiVersion };
const azure = {
  name: "AzureChatOpenAI",
  chat: (more) => new AzureChatOpenAI({ ...resource, azureOpenAIApiDeploymentName: "gpt-4o", temperature: 0, ...more }),
  llm: (more) => new AzureOpenAI({ ...path, azureOpenAIApiDeploymentName: "gpt-35-turbo-instruct", maxTokens: 100, ...more }),
  embeddings: (more) => new AzureOpenAIEmbeddings({ ...path, azureOpenAIApiDeploymentName: "text-embedding-3-large", ...more }),
};

const messages = [
  ["system", "You are a helpful assistant that translates English to French."],
  ["human", "I love programming."],
];
const getWeather = tool(async ({ city }) => `Sunny in ${city}`, {
  name: "get_weather",
  description: "The weather of a city.",
  schema: z.object({ city: z.string() }),
});
const Event = z.object({ name: z.string(), participants: z.array(z.string()) });
const question = new HumanMessage("What is the weather in Paris?");
const faulty = (fault) => ({ options: { headers: { "x-ceyx-fault": fault } } });

const scenarios = {
  async chat(provider) {
    const answer = await provider.chat().invoke(messages);
    assert.match(answer.content, /I love programming/);
    assert.ok(answer.usage_metadata.total_tokens > 0 && answer.response_metadata.finish_reason === "stop");
    const prompt = ChatPromptTemplate.fromMessages([["system", "You translate {from} to {to}."], ["human", "{input}"]]);
    const piped = await prompt.pipe(provider.chat()).invoke({ from: "English", to: "German", input: "I love cats." });
    assert.match(piped.content, /I love cats/);
    return `${answer.response_metadata.model_name}, ${answer.usage_metadata.total_tokens} tokens; a prompt piped into it`;
  },

  async stream(provider) {
    const whole = await provider.chat().invoke(messages);
    let [all, chunks] = [undefined, 0];
    for await (const chunk of await provider.chat().stream(messages)) [all, chunks] = [all ? all.concat(chunk) : chunk, chunks + 1];
    assert.equal(all.content, whole.content);
    assert.deepEqual(all.usage_metadata.total_tokens, whole.usage_metadata.total_tokens);
    return `${chunks} chunks, the text and the usage of the whole answer`;
  },

  async "image input"(provider) {
    const content = [{ type: "text", text: "What's in this image?" }, { type: "image_url", image_url: { url: "https://example.com/seattle.png" } }];
    assert.match((await provider.chat().invoke([new HumanMessage({ content })])).content, /1 image/);
    return "by address";
  },

  async tools(provider) {
    const model = provider.chat().bindTools([getWeather]);
    const called = await model.invoke([question]);
    assert.deepEqual(called.tool_calls.map(({ name, args }) => ({ name, args })), [{ name: "get_weather", args: { city: "Paris" } }]);
    let streamed;
    for await (const chunk of await model.stream([question])) streamed = streamed ? streamed.concat(chunk) : chunk;
    assert.deepEqual(streamed.tool_calls[0].args, { city: "Paris" });
    const result = await getWeather.invoke(called.tool_calls[0]);
    assert.ok(result instanceof ToolMessage);
    assert.match((await model.invoke([question, called, result])).content, /Sunny in Paris/);
    return "called, streamed, answered with the result";
  },

  async "structured output"(provider) {
    for (const method of ["jsonSchema", "functionCalling"]) {
      const event = await provider.chat().withStructuredOutput(Event, { method, name: "event" }).invoke('An event "Fair" with "Alice"');
      assert.ok(event.name && event.participants.length, method);
    }
    return "by JSON schema and by a tool";
  },

  async embeddings(provider) {
    const two = await provider.embeddings().embedDocuments(["Attention is all you need", "Something else"]);
    const one = await provider.embeddings().embedQuery("Attention is all you need");
    assert.deepEqual([two.length, two[0].length], [2, 3072]);
    assert.ok(one.every((value, i) => Math.abs(value - two[0][i]) < 1e-6));
    return "two documents and a query, of 3072 numbers";
  },

  async images(provider) {
    if (provider !== openai) throw new NotThere("its DallEAPIWrapper is OpenAI's");
    const url = await new DallEAPIWrapper({ model: "dall-e-3", baseUrl: baseURL }).invoke("A rabbit eating pancakes");
    assert.equal((await fetch(url, { method: "HEAD" })).status, 200);
    return "a picture by its address";
  },

  async speech() {
    throw new NotThere("it has no call for it");
  },

  async transcription() {
    throw new NotThere("it has no call for it");
  },

  async "legacy completions"(provider) {
    const whole = await provider.llm().invoke("Hello World!");
    assert.match(whole, /Hello World!/);
    let text = "";
    for await (const piece of await provider.llm().stream("Hello World!")) text += piece;
    assert.equal(text, whole);
    return "whole and streamed";
  },

  async responses(provider) {
    // AzureChatOpenAI asks for them below a deployment, where Azure has none; its /openai/v1 is for ChatOpenAI.
    const where = provider === azure ? `${azureOpenAIEndpoint}/openai/v1` : baseURL;
    const model = openai.chat({ useResponsesApi: true, configuration: { baseURL: where } });
    const answer = await model.invoke("What is the weather in Rome?");
    assert.match(answer.text, /weather in Rome/);
    let text = "";
    for await (const chunk of await model.stream("What is the weather in Rome?")) text += chunk.text;
    assert.equal(text, answer.text);
    assert.deepEqual((await model.bindTools([getWeather]).invoke([question])).tool_calls[0].args, { city: "Paris" });
    return "whole, streamed, a tool";
  },

  async errors(provider) {
    const once = provider.chat({ maxRetries: 0 });
    for (const status of [400, 401, 403, 404, 422, 429, 500, 503])
      assert.equal((await refused(Error, () => once.invoke(messages, faulty(`status;code=${status}`)))).status, status);
    const unknown = provider.chat({ model: "nobody", azureOpenAIApiDeploymentName: "nobody", maxRetries: 0 });
    assert.equal((await refused(Error, () => unknown.invoke(messages))).status, 404);
    const wrong = provider.chat({ apiKey: "a-wrong-key", azureOpenAIApiKey: "a-wrong-key", maxRetries: 0 });
    assert.equal((await refused(Error, () => wrong.invoke(messages))).status, 401);
    if (provider === azure) assert.equal((await refused(Error, () => once.invoke(messages, faulty("prompt-filtered")))).code, "content_filter");
    return "each by its status, and the service's own 401, 404";
  },

  async retries(provider) {
    const model = provider.chat({ maxRetries: 2 }); // waits a second or two before each
    const answers = ["429;retry-after=1", "500", "503"].map((it) => model.invoke(messages, faulty(`status;code=${it};times=1`)));
    for (const answer of await Promise.all(answers)) assert.ok(answer.content);
    const once = provider.chat({ maxRetries: 0 });
    assert.equal((await refused(Error, () => once.invoke(messages, faulty(`status;code=503;times=1;key=${randomUUID()}`)))).status, 503);
    return "after 429 with a retry-after, 500 and 503; none when told";
  },

  async tls(provider) {
    const there = process.env.CEYX_TLS_ENDPOINT;
    const model = provider.chat({ configuration: provider === azure ? {} : { baseURL: `${there}/v1` }, azureOpenAIEndpoint: there });
    assert.ok((await model.invoke(messages)).content);
    return "trusted by NODE_EXTRA_CA_CERTS";
  },

  async identity(provider) {
    if (provider !== azure) throw new NotThere("Entra ID is Azure's");
    delete process.env.AZURE_OPENAI_API_KEY;
    const scope = "https://cognitiveservices.azure.com/.default";
    const azureADTokenProvider = getBearerTokenProvider(new DefaultAzureCredential(), scope);
    const keyless = (provider) => azure.chat({ azureOpenAIApiKey: undefined, azureADTokenProvider: provider, maxRetries: 0 });
    assert.ok((await keyless(azureADTokenProvider).invoke(messages)).content);
    assert.equal((await refused(Error, () => keyless(async () => "no-token").invoke(messages))).status, 401);
    return "DefaultAzureCredential finds the managed identity; its token is taken, another refused";
  },
};

await report(scenarios, { [openai.name]: openai, [azure.name]: azure });
