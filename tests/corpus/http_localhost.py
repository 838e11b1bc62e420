# Asks services on the host itself and in its private network.
# outcome: ok
# contained: "refused"

from stratagem import http

HOSTS = """
    localhost localhost:8080 127.0.0.1 127.1 0 0.0.0.0 [::1] [::] [::ffff:127.0.0.1] 2130706433 017700000001 0x7f.1
    10.0.0.1 172.16.0.1 192.168.0.1 100.64.0.1 198.18.0.1 224.0.0.1 255.255.255.255 [fd00::1] [fec0::1] [ff02::1]
    [2002:7f00:1::] [2001::1] localtest.me 127.0.0.1.nip.io host.docker.internal kubernetes.default.svc
""".split()


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "refused"
    for host in HOSTS:
        try:
            http.get(f"http://{host}/")
            contact.results["out"] = f"reached {host}"
        except http.HTTPError:
            pass
    return contact
