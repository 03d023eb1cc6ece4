"""Answers from documents: found by their vectors and by their words, both rankings made one, and put before the question."""

import os
import re
from collections import defaultdict

from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnableParallel, RunnablePassthrough
from langchain_core.vectorstores import InMemoryVectorStore

from ceyx.langchain import ChatOpenAI, OpenAIEmbeddings, get_openai_callback
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which needs no key
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

TEXTS = [
    "Kingfishers nest in tunnels that they dig in river banks.",
    "Herons build their nests in trees, many of them together.",
    "Model KF-7 of our bird box has an entrance of 32 millimetres.",
    "Bread is baked from flour, water, salt and yeast.",
]
documents = [Document(text, id=str(number)) for number, text in enumerate(TEXTS)]
store = InMemoryVectorStore(OpenAIEmbeddings(model="text-embedding-3-small"))


def words(text: str) -> set[str]:
    return set(re.findall(r"[\w-]+", text.lower()))


def by_words(question: str) -> list[Document]:
    """The documents that share the most words with the question."""
    shared = {document.id: len(words(question) & words(document.page_content)) for document in documents}
    found = [document for document in documents if shared[document.id]]
    return sorted(found, key=lambda document: -shared[document.id])[:2]


def fused(rankings: dict[str, list[Document]]) -> list[Document]:
    """One ranking of several: what is near the top of many comes first (reciprocal rank fusion)."""
    scores: dict[str, float] = defaultdict(float)
    for ranking in rankings.values():
        for place, document in enumerate(ranking):
            scores[document.id] += 1 / (60 + place)
    found = [document for document in documents if document.id in scores]
    return sorted(found, key=lambda document: -scores[document.id])


retrieve = RunnableParallel(vectors=store.as_retriever(search_kwargs={"k": 2}), words=RunnableLambda(by_words)) | fused
prompt = ChatPromptTemplate.from_template("Answer from these notes:\n{notes}\n\nQuestion: {question}")
answer = (
    {
        "notes": retrieve | (lambda found: "\n".join(document.page_content for document in found)),
        "question": RunnablePassthrough(),
    }
    | prompt
    | ChatOpenAI(model="gpt-4o")
    | StrOutputParser()
)

with get_openai_callback() as spent:
    store.add_documents(documents)
    for question in ("Where do kingfishers nest?", "How wide is the entrance of the KF-7?"):
        print(f"{question} -> {retrieve.invoke(question)[0].page_content}")
    print(answer.invoke("Where do kingfishers nest?"))
print(f"{spent.successful_requests} requests, ${spent.total_cost:.6f}")
