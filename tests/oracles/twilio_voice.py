"""Puts our stand-in for Twilio, and the TwiML that we write, to Twilio's own library.

The library makes a call at the stand-in, checks the signature of each webhook that follows, and writes the answers, which the stand-in must obey.
Each answer of ours (`twiml.tsv`, which a test in `channels/src/twilio/tests` keeps up to date) must be, as XML, what the library writes.

    python tests/oracles/twilio_voice.py PATH/TO/stratagem-providers
"""

import http.server
import pathlib
import subprocess
import sys
import threading
import urllib.parse
import xml.etree.ElementTree as ElementTree

from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.voice_response import Connect, ConversationRelay, Gather, VoiceResponse

ACCOUNT, TOKEN = "AC0123456789abcdef0123456789abcdef", "12345"
HOOKS = "https://campaigns.example/hooks/i1/voice"


def written_by_the_library() -> dict[str, VoiceResponse]:
    hostile, query = "Tom & <b>\"Jerry\"</b>'s €", "?call=0a1b&language=en-GB&turn=3"

    def gather(words):
        response = VoiceResponse()
        listening = Gather(
            input="speech dtmf", action=f"{HOOKS}/gather{query}", method="POST", timeout=5, speech_timeout="auto",
            action_on_empty_result=True, language="en-GB",
        )
        listening.say(words, language="en-GB")
        response.append(listening)
        return response

    def relay(greeted=False, **more):
        response = VoiceResponse()
        connect = Connect(action=f"{HOOKS}/wait{query}", method="POST")
        talk = ConversationRelay(
            url="wss://campaigns.example/hooks/i1/voice/relay/0a1b", dtmf_detection=True, language="en-GB", events="tokens-played", **more
        )
        talk.parameter(name="call", value="0a1b")
        if greeted:
            talk.parameter(name="greeted", value="yes")
        connect.append(talk)
        response.append(connect)
        return response

    def hang_up(*words):
        response = VoiceResponse()
        for text in words:
            response.say(text, language="en-GB")
        response.hangup()
        return response

    wait = VoiceResponse()
    wait.pause(length=1)
    wait.redirect(f"{HOOKS}/wait{query}", method="POST")
    return {
        "say": gather(hostile), "wait": wait, "hang_up": hang_up(), "farewell": hang_up(hostile),
        "relay": relay(greeted=True, welcome_greeting=hostile), "relay_later": relay(), "relay_ended": hang_up("Bye"), "relay_broke": gather("Hello?"),
    }


def same_twiml():
    kept = pathlib.Path(__file__).with_name("twiml.tsv").read_text(encoding="utf-8").splitlines()
    ours = dict(line.split("\t", 1) for line in kept)
    theirs = written_by_the_library()
    assert ours.keys() == theirs.keys(), (ours.keys(), theirs.keys())
    for name, document in ours.items():
        one, other = (ElementTree.canonicalize(text) for text in (document, str(theirs[name])))
        assert one == other, f"{name}\nours:   {one}\ntheirs: {other}"
    return len(ours)


class Hook(http.server.BaseHTTPRequestHandler):
    """Checks each signature, and answers with what the library writes."""

    validator = RequestValidator(TOKEN)
    seen: list[dict] = []
    done = threading.Event()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        fields = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
        url, signature = f"http://127.0.0.1:{self.server.server_port}{self.path}", self.headers["X-Twilio-Signature"]
        signed = self.validator.validate(url, fields, signature)
        forged = self.validator.validate(url, {**fields, "CallSid": "CA"}, signature)
        fields.update(path=self.path, right=signed and not forged)
        self.seen.append(fields)
        response = VoiceResponse()
        if self.path == "/answer":
            gather = Gather(input="speech", action="/said", action_on_empty_result=True)
            gather.say("Will you pay?")
            response.append(gather)
        else:
            response.say("Thank you")
            response.hangup()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(response).encode())
        if fields["CallStatus"] == "completed":
            self.done.set()

    def log_message(self, *_):
        pass


class ToStandIn(TwilioHttpClient):
    """Sends what the library sends to the stand-in."""

    def __init__(self, url):
        super().__init__()
        self.url = url

    def request(self, method, url, *arguments, **named):
        return super().request(method, url.replace("https://api.twilio.com", self.url), *arguments, **named)


def played_call(program: str):
    fake = subprocess.Popen([program, "twilio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    hook = http.server.HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{hook.server_port}"
    try:
        client = Client(ACCOUNT, TOKEN, http_client=ToStandIn(fake.stdout.readline().strip()))
        assert client.api.v2010.accounts(ACCOUNT).fetch().status == "active"
        fake.stdin.write("- Yes, on Friday\n")
        fake.stdin.flush()
        events = ["initiated", "ringing", "answered", "completed"]
        named = {"url": f"{here}/answer", "status_callback": f"{here}/status", "status_callback_event": events}
        # The line above may be read after the call is made, by another thread; then nobody answers.
        for _ in range(5):
            Hook.seen.clear()
            Hook.done.clear()
            call = client.calls.create(to="+31612345678", from_="+12025550123", **named)
            assert call.sid.startswith("CA") and call.status == "queued", call
            if Hook.done.wait(2):
                break
        assert client.calls(call.sid).fetch().status == "completed"
        said = [fields["SpeechResult"] for fields in Hook.seen if fields["path"] == "/said"]
        assert said == ["Yes, on Friday"], Hook.seen
        assert all(fields["right"] for fields in Hook.seen), Hook.seen
        try:
            client.calls.create(to="0612345678", from_="+12025550123", url=here)
        except TwilioRestException as error:
            assert (error.status, error.code) == (400, 21211), error
        else:
            raise AssertionError("a number that is none was called")
    finally:
        fake.stdin.close()
        fake.wait(10)
    return len(Hook.seen)


if __name__ == "__main__":
    answers = same_twiml()
    print(f"Twilio's library agrees: {answers} answers, {played_call(sys.argv[1])} signatures")
