// The `openai` package of npm, with both of its classes: what Microsoft's guide shows for JavaScript, and what came after it.
// OPENAI_BASE_URL, AZURE_OPENAI_ENDPOINT and their like say where the service is, as the package reads them.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DefaultAzureCredential, getBearerTokenProvider } from "@azure/identity";
import OpenAI, { AzureOpenAI, toFile } from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { NotThere, refused, report, sizeOf } from "./report.mjs";

const pirate = [
  { role: "system", content: "You are a helpful assistant. You will talk like a pirate." },
  { role: "user", content: "Can you help me?" },
  { role: "assistant", content: "Arrrr! Of course, me hearty! What can I do for ye?" },
  { role: "user", content: "What's the best way to train a parrot?" },
];
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const spoken = "Testing, testing, 1, 2, 3.";
const Event = z.object({ name: z.string(), participants: z.array(z.string()) });

const openai = new OpenAI();
// AzureOpenAI would take it for its own, and not the endpoint.
delete process.env.OPENAI_BASE_URL;
const azure = new AzureOpenAI();
const isAzure = (client) => client instanceof AzureOpenAI;
/** A client of one deployment, which is then not named again: the guide's `model: ''`. OpenAI's have to name it. */
const of = (client, deployment) => (isAzure(client) ? [new AzureOpenAI({ deployment }), ""] : [client, deployment]);

const scenarios = {
  async chat(any) {
    const [client, model] = of(any, "gpt-4o");
    const result = await client.chat.completions.create({ messages: pirate, model, max_tokens: 100 });
    const [choice] = result.choices;
    assert.match(choice.message.content, /train a parrot/);
    assert.equal(choice.finish_reason, "stop");
    assert.ok(result.usage.total_tokens > result.usage.prompt_tokens && result._request_id);
    if (isAzure(any)) assert.equal(choice.content_filter_results.violence.severity, "safe");
    return `${result.model}, ${result.usage.total_tokens} tokens, request id`;
  },

  async stream(any) {
    const [client, model] = of(any, "gpt-4o");
    const whole = await client.chat.completions.create({ model, messages: pirate, max_tokens: 100 });
    const stream = await client.chat.completions.create({ model, messages: pirate, max_tokens: 100, stream: true });
    let [text, chunks] = ["", 0];
    for await (const chunk of stream) {
      chunks += 1;
      for (const choice of chunk.choices) text += choice.delta?.content ?? "";
    }
    assert.equal(text, whole.choices[0].message.content);
    const helper = client.chat.completions.stream({ model, messages: pirate, max_tokens: 100 });
    assert.equal(await helper.finalContent(), text);
    return `${chunks} chunks, the text of the whole answer; the helper's too`;
  },

  async "image input"(client) {
    const ask = (url) =>
      client.chat.completions.create({
        model: "gpt-4o",
        messages: [{ role: "user", content: [{ type: "text", text: "What's in this image?" }, { type: "image_url", image_url: { url } }] }],
        max_tokens: 300,
      });
    assert.match((await ask("https://example.com/seattle.png")).choices[0].message.content, /1 image/);
    const drawn = await client.images.generate({ model: "dall-e-3", prompt: "Seattle", response_format: "b64_json" });
    assert.match((await ask(`data:image/png;base64,${drawn.data[0].b64_json}`)).choices[0].message.content, /1 image/);
    return "by address, and inline";
  },

  async tools(client) {
    const messages = [{ role: "user", content: "What is the weather in Paris?" }];
    const [choice] = (await client.chat.completions.create({ model: "gpt-4o", messages, tools: [weather] })).choices;
    const [call] = choice.message.tool_calls;
    assert.equal(choice.finish_reason, "tool_calls");
    assert.deepEqual(JSON.parse(call.function.arguments), { city: "Paris" });
    let pieces = "";
    for await (const chunk of await client.chat.completions.create({ model: "gpt-4o", messages, tools: [weather], stream: true }))
      for (const piece of chunk.choices[0]?.delta?.tool_calls ?? []) pieces += piece.function.arguments ?? "";
    assert.equal(pieces, call.function.arguments);
    let asked;
    const runner = client.chat.completions.runTools({
      model: "gpt-4o",
      messages,
      tools: [{ type: "function", function: { ...weather.function, parse: JSON.parse, function: (it) => ((asked = it.city), "Sunny, 20 degrees") } }],
    });
    assert.match(await runner.finalContent(), /Sunny, 20 degrees/);
    assert.equal(asked, "Paris");
    return "called, streamed, run by the helper";
  },

  async "structured output"(client) {
    const completion = await client.chat.completions.parse({
      model: "gpt-4o",
      messages: [{ role: "user", content: 'Make an event "Science Fair" with "Alice" and "Bob".' }],
      response_format: zodResponseFormat(Event, "event"),
    });
    const event = completion.choices[0].message.parsed;
    assert.ok(event.name && event.participants.length);
    return JSON.stringify(event);
  },

  async embeddings(client) {
    const model = "text-embedding-3-large";
    const packed = await client.embeddings.create({ input: ["Attention is all you need", "Something else"], model });
    const plain = await client.embeddings.create({ input: "Attention is all you need", model, encoding_format: "float" });
    assert.deepEqual(packed.data.map((each) => each.index), [0, 1]);
    assert.equal(plain.data[0].embedding.length, 3072);
    plain.data[0].embedding.forEach((value, i) => assert.ok(Math.abs(value - packed.data[0].embedding[i]) < 1e-6));
    return "3072 numbers; base64 and floats";
  },

  async images(client) {
    const asked = { prompt: "A rabbit eating pancakes", model: "dall-e-3", n: 1 };
    const { url } = (await client.images.generate({ ...asked, size: "1024x1024" })).data[0];
    assert.equal((await fetch(url, { method: "HEAD" })).status, 200);
    assert.deepEqual(sizeOf(Buffer.from(await (await fetch(url)).arrayBuffer())), [1024, 1024]);
    const inline = await client.images.generate({ ...asked, size: "1792x1024", response_format: "b64_json" });
    assert.deepEqual(sizeOf(Buffer.from(inline.data[0].b64_json, "base64")), [1792, 1024]);
    return "a PNG by its address and inline, as large as asked for";
  },

  async speech(client) {
    const mp3 = Buffer.from(await (await client.audio.speech.create({ model: "tts-hd", voice: "alloy", input: spoken })).arrayBuffer());
    assert.ok(mp3.toString("latin1", 0, 3) === "ID3" || mp3[0] === 0xff, mp3.toString("latin1", 0, 4));
    const flac = await client.audio.speech.create({ model: "tts-hd", voice: "alloy", input: spoken, response_format: "flac" });
    assert.equal(Buffer.from(await flac.arrayBuffer()).toString("latin1", 0, 4), "fLaC");
    return `mp3 of ${mp3.length} bytes, flac`;
  },

  async transcription(any) {
    const speech = await any.audio.speech.create({ model: "tts-hd", voice: "alloy", input: spoken });
    const data = Buffer.from(await speech.arrayBuffer());
    const folder = await mkdtemp(join(tmpdir(), "ceyx-"));
    try {
      const file = join(folder, "speech.mp3");
      await writeFile(file, data);
      const [client, model] = of(any, "whisper");
      assert.equal((await client.audio.transcriptions.create({ model, file: createReadStream(file) })).text, spoken);
    } finally {
      await rm(folder, { recursive: true });
    }
    const long = await any.audio.transcriptions.create({
      model: "whisper",
      file: await toFile(data, "speech.mp3"),
      response_format: "verbose_json",
      timestamp_granularities: ["word", "segment"],
    });
    assert.equal(long.words.length, 5);
    assert.ok(long.segments.length);
    const text = await any.audio.transcriptions.create({ model: "whisper", file: await toFile(data, "a.mp3"), response_format: "text" });
    assert.equal(String(text).trim(), spoken);
    return `"${spoken}", the text that was spoken; words, segments, text`;
  },

  async "legacy completions"(any) {
    const [client, model] = of(any, "gpt-35-turbo-instruct");
    const asked = { model, prompt: "Hello World!", max_tokens: 100, temperature: 0 };
    const whole = await client.completions.create(asked);
    assert.match(whole.choices[0].text, /Hello World!/);
    let text = "";
    for await (const chunk of await client.completions.create({ ...asked, stream: true })) text += chunk.choices[0]?.text ?? "";
    assert.equal(text, whole.choices[0].text);
    return "whole and streamed";
  },

  async responses(any) {
    const client = isAzure(any) ? new AzureOpenAI({ apiVersion: "2025-04-01-preview" }) : any;
    const response = await client.responses.create({ model: "gpt-4o", input: "What's the best way to train a parrot?" });
    assert.equal(response.status, "completed");
    assert.match(response.output_text, /train a parrot/);
    const kinds = [];
    for await (const event of await client.responses.create({ model: "gpt-4o", input: "And a cat?", stream: true })) kinds.push(event.type);
    assert.deepEqual([kinds[0], kinds.at(-1)], ["response.created", "response.completed"]);
    assert.ok(kinds.includes("response.output_text.delta"));
    const further = await client.responses.create({ model: "gpt-4o", input: "And a cat?", previous_response_id: response.id });
    assert.equal(further.previous_response_id, response.id);
    assert.equal((await client.responses.retrieve(response.id)).id, response.id);
    await client.responses.delete(response.id);
    const parsed = await client.responses.parse({
      model: "gpt-4o",
      input: 'An event "Fair" with "Alice"',
      text: { format: zodTextFormat(Event, "event") },
    });
    assert.ok(parsed.output_parsed.name);
    return "whole, streamed, gone on with, read again, deleted, parsed";
  },

  async errors(client) {
    const ask = (more, options) => () =>
      client.chat.completions.create({ model: "gpt-4o", messages: pirate, ...more }, { maxRetries: 0, ...options });
    const faulty = (fault) => ask({}, { headers: { "x-ceyx-fault": fault } });
    const byStatus = {
      400: OpenAI.BadRequestError,
      401: OpenAI.AuthenticationError,
      403: OpenAI.PermissionDeniedError,
      404: OpenAI.NotFoundError,
      422: OpenAI.UnprocessableEntityError,
      429: OpenAI.RateLimitError,
      500: OpenAI.InternalServerError,
      503: OpenAI.InternalServerError,
      504: OpenAI.InternalServerError,
    };
    for (const [status, expected] of Object.entries(byStatus))
      assert.equal((await refused(expected, faulty(`status;code=${status}`))).status, Number(status));
    const unknown = await refused(OpenAI.NotFoundError, ask({ model: "nobody" }));
    assert.equal(unknown.code, isAzure(client) ? "DeploymentNotFound" : "model_not_found");
    const wrong = isAzure(client) ? { "api-key": "a-wrong-key" } : { authorization: "Bearer a-wrong-key" };
    await refused(OpenAI.AuthenticationError, ask({}, { headers: wrong }));
    assert.match((await refused(OpenAI.BadRequestError, ask({ temperature: 9 }))).message, /temperature/);
    await refused(OpenAI.APIConnectionError, faulty("hang-up"));
    if (isAzure(client)) assert.equal((await refused(OpenAI.BadRequestError, faulty("prompt-filtered"))).code, "content_filter");
    return "every class by its status, a broken connection, and the service's own 400, 401, 404";
  },

  async retries(client) {
    const ask = (fault, options) =>
      client.chat.completions.create({ model: "gpt-4o", messages: pirate }, { headers: { "x-ceyx-fault": fault }, ...options });
    for (const status of [408, 429, 500, 503]) assert.ok((await ask(`status;code=${status};retry-after-ms=5;times=2`)).choices);
    assert.ok((await ask("status;code=503;retry-after-ms=5;times=4", { maxRetries: 5 })).choices);
    await refused(OpenAI.RateLimitError, () => ask(`status;code=429;retry-after-ms=5;times=1;key=${randomUUID()}`, { maxRetries: 0 }));
    return "two by itself, five when told, none when told";
  },

  async tls(any) {
    const there = process.env.CEYX_TLS_ENDPOINT;
    const client = isAzure(any) ? new AzureOpenAI({ endpoint: there }) : new OpenAI({ baseURL: `${there}/v1` });
    assert.ok((await client.chat.completions.create({ model: "gpt-4o", messages: pirate })).choices);
    return "trusted by NODE_EXTRA_CA_CERTS";
  },

  async identity(any) {
    if (!isAzure(any)) throw new NotThere("Entra ID is Azure's");
    delete process.env.AZURE_OPENAI_API_KEY; // else it is one of the two that may not be together
    const forged = new AzureOpenAI({ azureADTokenProvider: async () => "no-token" });
    await refused(OpenAI.AuthenticationError, () => forged.chat.completions.create({ model: "gpt-4o", messages: pirate }));
    const scope = "https://cognitiveservices.azure.com/.default";
    const azureADTokenProvider = getBearerTokenProvider(new DefaultAzureCredential(), scope);
    const client = new AzureOpenAI({ azureADTokenProvider });
    assert.ok((await client.chat.completions.create({ model: "gpt-4o", messages: pirate })).choices);
    return "DefaultAzureCredential finds the managed identity; its token is taken, another refused";
  },
};

await report(scenarios, { OpenAI: openai, AzureOpenAI: azure });
