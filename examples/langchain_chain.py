"""LangChain: a prompt, a model and a parser in one chain; answers of a shape; and what all of it cost."""

import os

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from pydantic import BaseModel, Field

from ceyx.langchain import ChatOpenAI, get_openai_callback
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which needs no key
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}


class City(BaseModel):
    """A city."""

    name: str
    population: int = Field(description="how many people live there")


model = ChatOpenAI(model="gpt-4o", temperature=0)
prompt = ChatPromptTemplate.from_messages([("system", "Translate to {language}."), ("human", "{text}")])
translate = prompt | model | StrOutputParser()
describe = ChatPromptTemplate.from_template("Tell me of {city}.") | model.with_structured_output(City)

with get_openai_callback() as spent:
    print(translate.invoke({"language": "German", "text": "I love programming."}))
    for piece in translate.stream({"language": "French", "text": "I love programming."}):
        print(piece, end="", flush=True)
    print()
    for city in describe.batch([{"city": "Oslo"}, {"city": "Lima"}]):
        print(repr(city))

print(f"{spent.successful_requests} requests, {spent.total_tokens} tokens, ${spent.total_cost:.6f}")
