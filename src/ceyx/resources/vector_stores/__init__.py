"""Vector stores: the stores, their files, and batches of files."""

from ceyx.resources.vector_stores.file_batches import AsyncFileBatches as AsyncFileBatches, FileBatches as FileBatches
from ceyx.resources.vector_stores.files import AsyncFiles as AsyncFiles, Files as Files
from ceyx.resources.vector_stores.vector_stores import AsyncVectorStores as AsyncVectorStores, VectorStores as VectorStores
