"""The local service held against the providers' OpenAPI documents, with requests that fit them and requests that do not."""
