# Asks the cloud's metadata service for the host's credentials, in many spellings of its address.
# outcome: ok
# contained: "refused"

from stratagem import http

HOSTS = """
    169.254.169.254 2852039166 0xA9FEA9FE 0251.0376.0251.0376 169.254.43518 169.16689662 [::ffff:169.254.169.254]
    [::ffff:a9fe:a9fe] [64:ff9b::a9fe:a9fe] [fd00:ec2::254] [fe80::a9fe:a9fe%25eth0] 169.254.169.254.
    ①⑥⑨.②⑤④.①⑥⑨.②⑤④ metadata.google.internal 169.254.169.254.nip.io 100.100.100.200 example.com@169.254.169.254
    169.254.169.254#@example.com 169.254.169.254:80:80 %31%36%39.254.169.254
""".split()


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "refused"
    for host in HOSTS:
        try:
            http.get(f"http://{host}/latest/meta-data/iam/security-credentials/")
            contact.results["out"] = f"reached {host}"
        except http.HTTPError:
            pass
    return contact
