"""contextvars"""

import asyncio
import contextvars
import sys

tone = contextvars.ContextVar("tone", default="kind")


def test_values_and_tokens():
    token = tone.set("firm")
    assert tone.get() == "firm" and token.var is tone and token.old_value is contextvars.Token.MISSING
    tone.reset(token)
    assert tone.get() == "kind" and tone.name == "tone"
    try:
        contextvars.ContextVar("unset").get()
    except LookupError:
        pass
    else:
        raise AssertionError("it has no value")
    if sys.version_info >= (3, 14):
        with tone.set("firm"):
            assert tone.get() == "firm"
        assert tone.get() == "kind"


def test_a_context_keeps_its_changes():
    context = contextvars.copy_context()
    context.run(tone.set, "firm")
    assert context[tone] == "firm" and tone.get() == "kind" and tone in context and context.run(tone.get) == "firm"


async def test_each_task_has_its_own():
    async def speak(how):
        tone.set(how)
        await asyncio.sleep(0)
        return tone.get()

    assert await asyncio.gather(speak("firm"), speak("soft")) == ["firm", "soft"] and tone.get() == "kind"
    assert await asyncio.to_thread(tone.get) == "kind"
