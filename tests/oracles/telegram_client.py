"""Puts our stand-in for Telegram to a client that others wrote: python-telegram-bot.

What it sends, the stand-in must take; what the stand-in answers and tells, it must be able to read. Our adapter is tested against the same
stand-in, so that both agree with it.

    python tests/oracles/telegram_client.py PATH/TO/stratagem-providers
"""

import asyncio
import http.server
import json
import queue
import subprocess
import sys
import threading

from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, InvalidToken

CHAT = 7_000_000_001
calls: queue.Queue[tuple[dict, str]] = queue.Queue()


class Hook(http.server.BaseHTTPRequestHandler):
    """Keeps every call and answers 200."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()
        calls.put((json.loads(body), self.headers["X-Telegram-Bot-Api-Secret-Token"]))

    def log_message(self, *_):
        pass


async def main(program: str):
    fake = subprocess.Popen([program, "telegram"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    url = fake.stdout.readline().strip()

    def contact(text: str):
        fake.stdin.write(f"{CHAT} {text}\n")
        fake.stdin.flush()

    try:
        async with Bot("123456:token", base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as bot:
            me = await bot.get_me()
            assert me.is_bot and me.username == "acme_bot", me

            contact("/start tok_1")
            (update,) = await bot.get_updates(timeout=5, allowed_updates=["message", "my_chat_member"])
            assert update.message.text == "/start tok_1" and update.effective_chat.type == "private", update
            sent = await bot.send_message(CHAT, "Hello")
            assert (sent.message_id, sent.text, sent.chat.id) == (1, "Hello", CHAT), sent
            contact("Hi there")
            (update,) = await bot.get_updates(offset=update.update_id + 1, timeout=5)
            assert update.message.text == "Hi there", update

            for chat, text, words in [(1, "x", "not found"), (CHAT, "x" * 4097, "too long"), (CHAT, " ", "empty")]:
                try:
                    await bot.send_message(chat, text)
                except BadRequest as error:
                    assert words in str(error), error
                else:
                    raise AssertionError(f"{words} was taken")

            hook = http.server.HTTPServer(("127.0.0.1", 0), Hook)
            threading.Thread(target=hook.serve_forever, daemon=True).start()
            await bot.set_webhook(f"http://127.0.0.1:{hook.server_port}/hooks/i1", secret_token="hook_secret-1")
            try:
                await bot.get_updates()
            except Conflict as error:
                assert "webhook" in str(error), error
            else:
                raise AssertionError("fetching beside a webhook was allowed")
            contact("By webhook")
            told, secret = await asyncio.to_thread(calls.get, True, 10)
            assert secret == "hook_secret-1"
            assert Update.de_json(told, bot).message.text == "By webhook", told
        try:
            async with Bot("123456:other", base_url=f"{url}/bot") as bot:
                await bot.get_me()
        except InvalidToken:
            pass
        else:
            raise AssertionError("another token was taken")
    finally:
        fake.stdin.close()
        fake.wait(10)
    print("python-telegram-bot agrees")


asyncio.run(main(sys.argv[1]))
