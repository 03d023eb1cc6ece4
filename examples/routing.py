"""Several deployments as one client: the provisioned one first, pay as you go while it is full, another provider in the end."""

from ceyx import AzureOpenAI, Deployment, Router
from ceyx.router import RouteEvent
from ceyx.service import LocalService, Settings

# Three local services in place of two regions and a provider. The first has no room for now, and says for how long.
full = Settings(deployments={"gpt-4o-ptu": "gpt-4o"}, faults={"gpt-4o-ptu": "status;code=429;retry-after=30"})
sweden, france, other = LocalService(full).start(), LocalService().start(), LocalService().start()


def show(event: RouteEvent) -> None:
    print(f"  {event.kind}: {event.deployment} {event.why or event.status}")


router = Router(
    [
        Deployment(name="sweden", azure_endpoint=sweden.azure_endpoint, azure_deployment="gpt-4o-ptu"),
        Deployment(name="france", azure_endpoint=france.azure_endpoint, azure_deployment="gpt-4o", priority=1),
        Deployment(name="openai", base_url=other.url, api_key="local", model="gpt-4o", priority=2),
    ],
    trip_after=3,
    on_route=show,
)
# A key of the client is for deployments on Azure that have none of their own. In earnest: credential=DefaultAzureCredential().
client = AzureOpenAI(router=router, api_key="local", api_version="2025-04-01-preview")

print("a response:")
first = client.responses.create(model="gpt-4o", input="My name is Ann.")

print("what goes on from it, at the same place:")
client.responses.create(model="gpt-4o", input="What is my name?", previous_response_id=first.id)

france.close()
print("France is gone:")
for number in range(3):
    name = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": f"Hello {number}"}])._deployment
    print(f"answered by {name}")

for name, state in router.state()["deployments"].items():
    print(f"{name}: {state['state']}, asked {state['sent']} times")

client.close()
sweden.close()
other.close()
