# Reaches the runtime's frames through the traceback of an error that it raised itself.
# outcome: ok
# contained: "only the guest"

from stratagem import http


def run(contact, existing_contact, logger, **kwargs):
    try:
        http.get("no url")
    except http.HTTPError as error:
        frame = error.__traceback__.tb_frame
        while frame is not None:
            frame.f_globals.setdefault("__builtins__", {})
            frame = frame.f_back
    contact.results["out"] = "only the guest"
    return contact
