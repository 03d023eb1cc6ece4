"""Uploads: the group, and its parts."""

from ceyx.resources.uploads.parts import AsyncParts as AsyncParts, Parts as Parts
from ceyx.resources.uploads.uploads import AsyncUploads as AsyncUploads, Uploads as Uploads
