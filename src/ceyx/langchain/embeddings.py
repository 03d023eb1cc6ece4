"""`OpenAIEmbeddings` and `AzureOpenAIEmbeddings` for LangChain: texts as vectors, long ones in parts.

Texts go out as texts, which every server takes, as long as they surely fit; `langchain_openai` sends the numbers of their tokens,
which few servers but OpenAI's take. Only where a text may be too long are tokens counted, and then all of that call go as
numbers, as a request takes the one or the other; without the model's table long texts are parted by estimate, as texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import sqrt
from operator import mul
from typing import Any, ClassVar, Literal, NamedTuple, Self

from langchain_core.embeddings import Embeddings
from pydantic import ConfigDict, Field, model_validator

from ceyx import tokens
from ceyx.errors import APIError, OpenAIError
from ceyx.langchain.azure import OnAzure
from ceyx.langchain.callbacks import report_embedding
from ceyx.langchain.connection import Connected, variable
from ceyx.langchain.errors import classify

MAX_TOKENS_PER_REQUEST = 300_000
Vector = list[float]
Sent = str | list[int]


class _Part(NamedTuple):
    """A text, or a part of a long one: which text it is of, what is sent, and how many tokens that is at most."""

    of: int
    sent: Sent
    size: int


class _Parts(NamedTuple):
    """Parts side by side. An object for each would call the garbage collector, and have it look through all vectors."""

    of: list[int]
    sent: list[Sent]
    sizes: list[int]

    @classmethod
    def made(cls, parts: Iterable[_Part]) -> Self:
        listed = list(parts)
        return cls([part.of for part in listed], [part.sent for part in listed], [part.size for part in listed])


class OpenAIEmbeddings(Connected, Embeddings):
    """Vectors of texts, by OpenAI or a server that speaks its protocol."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, protected_namespaces=(), defer_build=False)
    _resource: ClassVar[str] = "embeddings"
    _other_names: ClassVar[Mapping[str, str]] = {**Connected._other_names, "model_name": "model"}
    _provider: ClassVar[str] = "openai"

    model: str = "text-embedding-ada-002"
    dimensions: int | None = None
    """How long the vectors are to be; models since text-embedding-3 can shorten them."""
    deployment: str | None = "text-embedding-ada-002"
    """For programs that set it; `AzureOpenAIEmbeddings` asks deployments."""
    openai_api_version: str | None = Field(default=None, alias="api_version")
    """For programs that set it; `AzureOpenAIEmbeddings` sends it."""
    openai_api_type: str | None = None
    """Else OPENAI_API_TYPE; may not be one of Azure's."""
    chunk_size: int = 1000
    """How many texts go into one request at most."""
    check_embedding_ctx_length: bool = True
    """Whether to part texts that are longer than `embedding_ctx_length`; what they get is the mean of their parts' vectors, by
    length. If not, texts are sent as they are."""
    embedding_ctx_length: int = 8191
    """How many tokens a text may have at most."""
    tiktoken_model_name: str | None = None
    """The model to count tokens for, where `model` is not one that is known."""
    tiktoken_enabled: bool = True
    """False counts with the tokenizer of this name in `transformers`, which may fetch it."""
    allowed_special: Literal["all"] | set[str] | None = None
    """For programs that set it: marks of the model, such as <|endoftext|>, are the text they are."""
    disallowed_special: Literal["all"] | set[str] | Sequence[str] | None = None
    """As `allowed_special`."""
    skip_empty: bool = False
    """Whether to leave out empty texts, which the API refuses; they get vectors of zeros."""
    show_progress_bar: bool = False
    """Whether to show how many requests are done, with `tqdm` if it is installed."""
    headers: Any = None
    """More headers for each request."""
    retry_min_seconds: int = 4
    """For programs that set it: how long to wait between tries, the client decides by what the server says."""
    retry_max_seconds: int = 20
    """As `retry_min_seconds`."""
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Parameters of the API that are no fields here."""
    max_retries: int | None = 2

    @model_validator(mode="after")
    def _not_of_azure(self) -> Self:
        self.openai_api_type = self.openai_api_type or variable("OPENAI_API_TYPE")
        if self._provider == "openai" and (self.openai_api_type or "").lower() in ("azure", "azure_ad", "azuread"):
            raise ValueError(
                f"openai_api_type (OPENAI_API_TYPE) is {self.openai_api_type!r}. If you are using Azure, please use the "
                "`AzureOpenAIEmbeddings` class."
            )
        return self

    # -- LangChain's interface

    def embed_documents(self, texts: list[str], chunk_size: int | None = None, **given: Any) -> list[Vector]:
        """The vectors of texts, in their order."""
        self._ensure_sync_client_available()
        call = _Call(self, texts, given)
        for batch in call.batches(chunk_size or self.chunk_size):
            with self._errors():
                call.take(batch, self.client.create(input=call.sent(batch), **call.params))
        return call.vectors()

    async def aembed_documents(self, texts: list[str], chunk_size: int | None = None, **given: Any) -> list[Vector]:
        """As `embed_documents`, awaited."""
        call = _Call(self, texts, given)
        for batch in call.batches(chunk_size or self.chunk_size):
            with self._errors():
                call.take(batch, await self.async_client.create(input=call.sent(batch), **call.params))
        return call.vectors()

    def embed_query(self, text: str, **given: Any) -> Vector:
        """The vector of a text."""
        return self.embed_documents([text], **given)[0]

    async def aembed_query(self, text: str, **given: Any) -> Vector:
        """As `embed_query`, awaited."""
        return (await self.aembed_documents([text], **given))[0]

    # -- what is asked

    @property
    def _invocation_params(self) -> dict[str, Any]:
        params: dict[str, Any] = {"model": self.model, **self.model_kwargs}
        if self.dimensions is not None:
            params["dimensions"] = self.dimensions
        if self.headers:
            params["extra_headers"] = self.headers
        return params

    def _parts(self, texts: Sequence[str]) -> _Parts:
        """What is sent for these texts: themselves, if each surely has at most `embedding_ctx_length` tokens."""
        if self.model.endswith("001"):  # the first generation, for which a line end was no space
            texts = [text.replace("\n", " ") for text in texts]
        kept = [index for index, text in enumerate(texts) if text or not self.skip_empty]
        most = self.embedding_ctx_length
        # A token is at least one byte, and a character at most four.
        sizes = [_bytes_at_most(texts[index], most) if self.check_embedding_ctx_length else 0 for index in kept]
        if max(sizes, default=0) <= most:
            return _Parts(kept, [texts[index] for index in kept], sizes)
        if not self.tiktoken_enabled:
            return _Parts.made(self._parted_by_transformers(texts, kept))
        table = tokens.tokenizer(self._counted)
        if table is None:
            return _Parts.made(part for index in kept for part in _parted_by_estimate(index, texts[index], most, self._counted))
        return _Parts.made(part for index in kept for part in _parted(index, table.encode(texts[index]), most))

    @property
    def _counted(self) -> str:
        name = self.tiktoken_model_name or self.model
        return name if tokens.encoding_of(name)[1] else "text-embedding-3-small"  # all models that embed have one table

    def _parted_by_transformers(self, texts: Sequence[str], kept: Iterable[int]) -> Iterator[_Part]:
        try:
            from transformers import AutoTokenizer  # type: ignore[import-not-found, unused-ignore]  # pyright: ignore[reportMissingImports]
        except ImportError as error:
            raise ImportError("tiktoken_enabled=False counts tokens with transformers: pip install transformers") from error
        table: Any = AutoTokenizer.from_pretrained(self.tiktoken_model_name or self.model)
        for index in kept:
            for part in _parted(index, table.encode(texts[index], add_special_tokens=False), self.embedding_ctx_length):
                yield part._replace(sent=table.decode(part.sent))

    def _errors(self) -> _Classified:
        return _Classified()

    def _deployed(self) -> str | None:
        """The deployment that is asked, by which prices may know its model."""
        return None


class AzureOpenAIEmbeddings(OnAzure, OpenAIEmbeddings):
    """Vectors of texts, by a deployment on Azure."""

    _other_names: ClassVar[Mapping[str, str]] = {
        **OpenAIEmbeddings._other_names,
        "engine": "deployment",
        "deployment_id": "deployment",
        "deployment_name": "deployment",
    }
    _provider: ClassVar[str] = "azure"

    deployment: str | None = Field(default=None, alias="azure_deployment")
    """The deployment for all calls."""
    openai_api_version: str | None = Field(default=None, alias="api_version")
    """Else OPENAI_API_VERSION, else "2023-05-15"."""
    chunk_size: int = 2048
    max_retries: int | None = 2

    @property
    def _deployment(self) -> str | None:
        return self.deployment

    def _from_environment(self) -> None:
        super()._from_environment()
        self.openai_api_version = self.openai_api_version or "2023-05-15"

    def _deployed(self) -> str | None:
        return self.deployment or self.model


class _Classified:
    """Has errors be langchain-core's too."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, APIError):
            classify(error)


class _Call:
    """The vectors of one call's texts, as they come in."""

    def __init__(self, model: OpenAIEmbeddings, texts: Sequence[str], given: Mapping[str, Any]) -> None:
        self._model = model
        self._texts = len(texts)
        self._parts = model._parts(texts)
        self.params = {**model._invocation_params, **given}
        self._vectors: list[Vector | None] = [None] * len(self._parts.of)

    def batches(self, most: int) -> Iterator[range]:
        """Which parts go into each request: at most so many, and so many tokens as a request may have."""
        batches = list(_batches(self._parts.sizes, most))
        if self._model.show_progress_bar:
            try:
                from tqdm.auto import tqdm  # type: ignore[import-untyped, unused-ignore]
            except ImportError:
                return iter(batches)
            return iter(tqdm(batches))
        return iter(batches)

    def sent(self, batch: range) -> list[Sent]:
        """The input of a request."""
        return self._parts.sent[batch.start : batch.stop]

    def take(self, batch: range, answer: Any) -> None:
        """The answer to a request."""
        given = isinstance(answer, Mapping)
        items: list[Any] = answer["data"] if given else answer.data
        if len(items) != len(batch):
            raise OpenAIError(f"the server sent {len(items)} vectors for {len(batch)} texts, so which is whose cannot be told")
        for place, item in enumerate(items):
            index, vector = (item.get("index"), item["embedding"]) if isinstance(item, Mapping) else (item.index, item.embedding)
            self._vectors[batch[place if index is None else index]] = vector
        if None in self._vectors[batch.start : batch.stop]:
            raise OpenAIError(f"the server sent two vectors for one of {len(batch)} texts, so which is whose cannot be told")
        usage, model = (answer.get("usage"), answer.get("model")) if given else (answer.usage, answer.model)
        if usage is not None:
            report_embedding(usage, model, self._model._deployed(), self._model._provider)

    def vectors(self) -> list[Vector]:
        """The vectors of the texts; a text that was left out has one of zeros."""
        parts, found = self._parts, [vector for vector in self._vectors if vector is not None]
        if len(found) == self._texts and parts.of == list(range(self._texts)):
            return found
        each: list[list[tuple[int, Vector]]] = [[] for _ in range(self._texts)]
        for of, size, vector in zip(parts.of, parts.sizes, self._vectors, strict=True):
            if vector is not None:
                each[of].append((size, vector))
        zeros = [0.0] * (len(found[0]) if found else self._model.dimensions or 0)
        return [_mean(told) if told else list(zeros) for told in each]


def _batches(sizes: Sequence[int], most: int) -> Iterator[range]:
    start = total = 0
    for place, size in enumerate(sizes):
        if place > start and (place - start == most or total + size > MAX_TOKENS_PER_REQUEST):
            yield range(start, place)
            start, total = place, 0
        total += size
    if start < len(sizes):
        yield range(start, len(sizes))


def _bytes_at_most(text: str, most: int) -> int:
    """The bytes of a text, or more, where it is clear without counting them how they compare with `most`."""
    characters = len(text)
    return characters if text.isascii() or characters > most else len(text.encode("utf-8", "surrogatepass"))


def _parted(of: int, numbers: list[int], most: int) -> Iterator[_Part]:
    for start in range(0, len(numbers), most):
        part = numbers[start : start + most]
        yield _Part(of, part, len(part))


def _parted_by_estimate(of: int, text: str, most: int, model: str) -> Iterator[_Part]:
    """Parts of a text that are short enough even if it has more tokens than we think."""
    guess = int(tokens.count(text, model))
    if guess * 1.3 <= most:
        yield _Part(of, text, int(guess * 1.3))
        return
    length = max(int(len(text) * most / (guess * 1.3)), 1)
    start = 0
    while start < len(text):
        end = min(start + length, len(text))
        space = text.rfind(" ", start + 1, end)
        if end < len(text) and space > start + length // 2:
            end = space
        yield _Part(of, text[start:end], most * (end - start) // length)
        start = end


def _mean(parts: Sequence[tuple[int, Vector]]) -> Vector:
    """The vector of a text: of its parts' the mean by their length, of length 1."""
    if len(parts) == 1:
        return parts[0][1]
    total = sum(size for size, _ in parts)
    shares = [size / total for size, _ in parts]
    mean = [sum(map(mul, values, shares)) for values in zip(*(vector for _, vector in parts), strict=True)]
    length = sqrt(sum(value * value for value in mean)) or 1.0
    return [value / length for value in mean]
