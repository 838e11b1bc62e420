"""A real IMAP server (Dovecot) on loopback with one empty mailbox, for the tests.

The first line on stdout is `listening on PORT`, the second `tls on PORT` (from the first byte), the third `certificate FILE`, the
fourth `maildir FOLDER`: a mail that is moved into its folder `new` is delivered. Any name logs in with the password `s3cret`.
It ends when stdin does. Where the machine has no Dovecot, Debian's package is installed, which needs root.
"""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import trustme

ROOT = os.geteuid() == 0
#: Dovecot opens no mailboxes as root.
OWNER = "mail" if ROOT else getpass.getuser()

CONFIG = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = {folder.name}
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/certificate
ssl_key = <{folder}/key
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password=s3cret
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def main() -> int:
    dovecot = program()
    folder = Path(tempfile.mkdtemp(prefix="stratagem-imap-"))
    try:
        ports = [free_port(), free_port()]
        prepare(folder, *ports)
        server = subprocess.Popen([dovecot, "-F", "-c", folder / "dovecot.conf"], stdin=subprocess.DEVNULL)
        try:
            for port in ports:
                wait_for(port, server, folder)
            print(f"listening on {ports[0]}\ntls on {ports[1]}", flush=True)
            print(f"certificate {folder}/root\nmaildir {folder}/mail", flush=True)
            sys.stdin.read()
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def prepare(folder: Path, port: int, tls_port: int) -> None:
    folder.chmod(0o755)
    maker = trustme.CA()
    maker.cert_pem.write_to_path(folder / "root")
    certificate = maker.issue_cert("localhost")
    certificate.cert_chain_pems[0].write_to_path(folder / "certificate")
    certificate.private_key_pem.write_to_path(folder / "key")
    owner = pwd.getpwnam(OWNER)
    for name in ("mail", "mail/new", "mail/cur", "mail/tmp"):
        (folder / name).mkdir()
        if ROOT:
            shutil.chown(folder / name, OWNER, owner.pw_gid)
    internal, login = ("dovecot", "dovenull") if ROOT else (OWNER, OWNER)
    config = CONFIG.format(
        folder=folder, port=port, tls_port=tls_port, owner=owner, internal=internal, internal_group=group(internal), login=login
    )
    (folder / "dovecot.conf").write_text(config, encoding="utf-8")


def group(user: str) -> str:
    import grp

    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name


def wait_for(port: int, server: subprocess.Popen, folder: Path) -> None:
    for _ in range(200):
        if server.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    log = folder / "log"
    raise SystemExit(f"dovecot does not start:\n{log.read_text() if log.exists() else ''}")


def program() -> str:
    if found := find():
        return found
    if not ROOT or not shutil.which("apt-get"):
        raise SystemExit("There is no IMAP server for the tests: on Debian and Ubuntu, apt-get install dovecot-imapd")
    print("== IMAP server for the tests: installing Debian's package dovecot-imapd", file=sys.stderr, flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "dovecot-imapd"]):
        subprocess.run(["apt-get", *step], check=True, env=quiet, stdout=subprocess.DEVNULL)
    if found := find():
        return found
    raise SystemExit("Debian's package dovecot-imapd is installed, but there is no dovecot")


def find() -> str | None:
    return shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    raise SystemExit(main())
