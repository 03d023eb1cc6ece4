"""Files in a container, and what is in them."""

from ceyx.resources.containers.files.content import AsyncContent as AsyncContent, Content as Content
from ceyx.resources.containers.files.files import AsyncFiles as AsyncFiles, Files as Files
