"""Several deployments, regions and providers as one client.

`AzureOpenAI(deployments=[Deployment(...), ...])` is a client like any other; `Router` holds what its calls learn of the
deployments, and may be shared by several clients. Read from the bottom up: `deployments` (what users give), `health` (when one
may be asked), `choosing` (which one is), `stored` (what must go back where it was made), `flow` (a call, until it is answered),
`routes` (a client's own settings for each).
"""

from __future__ import annotations

from ceyx.router.choosing import RouteEvent, Router
from ceyx.router.deployments import Deployment

__all__ = ["Deployment", "RouteEvent", "Router"]
