"""LangChain's chat models for both dialects."""
from checks import MODEL, URL, run
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from langchain_ollama import ChatOllama
from langchain_openai import ChatOpenAI
from pydantic import BaseModel


class Person(BaseModel):
    """A person."""

    name: str
    age: int


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return "sunny"


HI = [HumanMessage("Say hello in one short sentence.")]
openai_model = ChatOpenAI(model=MODEL, base_url=URL + "/v1", api_key="none", max_tokens=200, temperature=0,
                          max_retries=0)
ollama_model = ChatOllama(model=MODEL, base_url=URL, num_predict=200, temperature=0)


def check(model):
    assert model.invoke(HI).content
    assert "".join(chunk.content for chunk in model.stream(HI)) == model.invoke(HI).content
    assert model.invoke(HI).usage_metadata["output_tokens"] > 0


def openai_chat():
    check(openai_model)


def ollama_chat():
    check(ollama_model)


def openai_structured():
    answer = openai_model.with_structured_output(Person, method="json_schema").invoke("Invent a person called Ann.")
    assert isinstance(answer, Person)
    answer = openai_model.with_structured_output(Person,
                                                 method="function_calling").invoke("Invent a person called Ann.")
    assert isinstance(answer, Person)


def ollama_structured():
    assert isinstance(
        ollama_model.with_structured_output(Person, method="json_schema").invoke("Invent a person called Ann."), Person)


def openai_tools():
    answer = openai_model.bind_tools([get_weather], tool_choice="any").invoke("What is the weather in Paris?")
    assert answer.tool_calls[0]["name"] == "get_weather" and "city" in answer.tool_calls[0]["args"]


def ollama_tools():
    answer = ollama_model.bind_tools([get_weather]).invoke("What is the weather in Paris?")
    assert answer.tool_calls or answer.content


run(openai_chat, ollama_chat, openai_structured, ollama_structured, openai_tools, ollama_tools)
