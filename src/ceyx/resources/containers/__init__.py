"""Containers, and their files."""

from ceyx.resources.containers.containers import AsyncContainers as AsyncContainers, Containers as Containers
from ceyx.resources.containers.files import AsyncFiles as AsyncFiles, Files as Files
