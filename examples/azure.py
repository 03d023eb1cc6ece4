"""The same chat on Azure OpenAI: an endpoint, an API version and a deployment; the content filter comes with the answer."""

import os

from ceyx import AzureOpenAI
from ceyx.service import LocalService

if "AZURE_OPENAI_ENDPOINT" not in os.environ:  # no resource to ask: ask a local one, which needs no key
    service = LocalService().start()
    os.environ |= {
        "AZURE_OPENAI_ENDPOINT": service.azure_endpoint,
        "AZURE_OPENAI_API_KEY": "local",
        "OPENAI_API_VERSION": "2024-10-21",
    }

# Endpoint, version and key are those of the environment. With Entra ID in place of a key, pass a credential:
#   from azure.identity import DefaultAzureCredential
#   client = AzureOpenAI(credential=DefaultAzureCredential())
client = AzureOpenAI()
deployment = os.environ.get("AZURE_OPENAI_DEPLOYMENT", "gpt-4o")
messages = [{"role": "user", "content": "Does Azure OpenAI support customer managed keys?"}]

completion = client.chat.completions.create(model=deployment, messages=messages)
choice = completion.choices[0]
print(f"{choice.message.role}: {choice.message.content}")
print(f"hate: {choice.content_filter_results.hate.severity}, finish_reason: {choice.finish_reason}")

# Azure's first chunk has no choices: it tells what the filter found in the prompt.
for chunk in client.chat.completions.create(model=deployment, messages=messages, stream=True):
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
print()

client.close()
