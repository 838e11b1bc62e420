"""A real IMAP server (Dovecot) on loopback with one empty mailbox, for the tests.

The first line on stdout is `listening on PORT`, the second `tls on PORT` (from the first byte), the third `certificate FILE`, the
fourth `maildir FOLDER`: a mail that is moved into its folder `new` is delivered. Any name logs in with the password `s3cret`, or
with an access token of the same letters.
It ends when stdin does. Where the machine has no Dovecot, Debian's package is installed, which needs root; of several that start at
the same time one does it and the others wait.
"""

from __future__ import annotations

import fcntl
import getpass
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import trustme

ROOT = os.geteuid() == 0
#: Held by whoever installs it.
LOCK = Path(tempfile.gettempdir()) / f"stratagem-imap-install-{getpass.getuser()}.lock"
#: How often it is tried on other ports: somebody may take one between the look for it and the server's start.
STARTS = 5
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
login_greeting = {folder.name}
ssl = yes
ssl_cert = <{folder}/certificate
ssl_key = <{folder}/key
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
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
    for _ in range(STARTS):
        folder = Path(tempfile.mkdtemp(prefix="stratagem-imap-"))
        try:
            if serve(dovecot, folder):
                return 0
            log = folder / "log"
            said = log.read_text() if log.exists() else ""
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    raise SystemExit(f"dovecot does not start:\n{said}")


def serve(dovecot: str, folder: Path) -> bool:
    """Serves until stdin ends; False where the server did not come up."""
    port, tls_port = free_port(), free_port()
    prepare(folder, port, tls_port)
    server = subprocess.Popen([dovecot, "-F", "-c", folder / "dovecot.conf"], stdin=subprocess.DEVNULL)
    try:
        if not (greets(port, None, server, folder) and greets(tls_port, folder / "root", server, folder)):
            return False
        print(f"listening on {port}\ntls on {tls_port}", flush=True)
        print(f"certificate {folder}/root\nmaildir {folder}/mail", flush=True)
        sys.stdin.read()
        return True
    finally:
        server.terminate()
        server.wait()


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


def greets(port: int, root: Path | None, server: subprocess.Popen, folder: Path) -> bool:
    """Waits until this server, and no other, says hello: only then its login processes are there, however busy the machine is."""
    for _ in range(600):
        if server.poll() is not None:
            return False
        try:
            if folder.name.encode() in greeting(port, root):
                return True
        except OSError:
            pass
        time.sleep(0.05)
    return False


def greeting(port: int, root: Path | None) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        if root is None:
            return connection.recv(1024)
        with ssl.create_default_context(cafile=str(root)).wrap_socket(connection, server_hostname="localhost") as encrypted:
            return encrypted.recv(1024)


def program() -> str:
    # Looked for with the lock held: the program is there long before its package is set up.
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return installed()


def installed() -> str:
    if found := find():
        return found
    if not ROOT or not shutil.which("apt-get"):
        raise SystemExit("There is no IMAP server for the tests: on Debian and Ubuntu, apt-get install dovecot-imapd")
    print("== IMAP server for the tests: installing Debian's package dovecot-imapd", file=sys.stderr, flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    # Somebody else may be installing something.
    wait = ["-o", "DPkg::Lock::Timeout=240"]
    for step in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "dovecot-imapd"]):
        subprocess.run(["apt-get", *wait, *step], check=True, env=quiet, stdout=subprocess.DEVNULL)
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
