"""A private PostgreSQL for the tests: made for one command, on loopback, and removed after it.

    postgres.py run [--durable] COMMAND…   COMMAND finds it in STRATAGEM_TEST_POSTGRES, a URL
    postgres.py restart                    inside COMMAND: restarts it without a farewell, as after a crash

Without --durable nothing is synced to disk, which is enough for what one command needs. Where the machine has no PostgreSQL,
Debian's package is installed, which needs root. A server of one's own is used by setting STRATAGEM_TEST_POSTGRES beforehand;
its user must be allowed to make databases.
"""

from __future__ import annotations

import getpass
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

URL = "STRATAGEM_TEST_POSTGRES"
DATA = "STRATAGEM_TEST_POSTGRES_DATA"
ROOT = os.geteuid() == 0
#: PostgreSQL refuses to run as root.
USER = "postgres" if ROOT else getpass.getuser()

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "500",
    "shared_buffers": "256MB",
    "log_min_messages": "fatal",
    # Many databases, most of them for seconds: looking after them all would be most of the work.
    "autovacuum_naptime": "20s",
}
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def main(arguments: list[str]) -> int:
    match arguments:
        case ["run", "--durable", *command] if command:
            return run(command, durable=True)
        case ["run", *command] if command:
            return run(command, durable=False)
        case ["restart"]:
            pg_ctl("restart", Path(os.environ[DATA]), "-m", "immediate")
            return 0
    print(__doc__, file=sys.stderr)
    return 2


def run(command: list[str], durable: bool) -> int:
    if os.environ.get(URL):
        return subprocess.call(command)
    folder = Path(tempfile.mkdtemp(prefix="stratagem-postgres-"))
    try:
        if ROOT:
            shutil.chown(folder, USER)
        data, port = folder / "data", free_port()
        started(["initdb", "--no-sync", "--auth=trust", "--username=stratagem", "--encoding=UTF8", "--locale=C", "-D", data])
        settings = SETTINGS | {"port": str(port), "unix_socket_directories": str(folder)} | ({} if durable else FAST)
        with open(data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        pg_ctl("start", data)
        try:
            environment = {URL: f"postgres://stratagem@127.0.0.1:{port}/postgres", DATA: str(data)}
            process = subprocess.Popen(command, env=os.environ | environment)
            # Told to stop, this waits for the command, which hears of it as well, and cleans up.
            for stop in (signal.SIGINT, signal.SIGTERM):
                signal.signal(stop, lambda number, _frame: process.send_signal(number))
            return process.wait()
        finally:
            pg_ctl("stop", data, "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def pg_ctl(action: str, data: Path, *options: str) -> None:
    # The server must not keep this process's pipes open.
    started(["pg_ctl", action, "-w", "-s", "-D", data, "-l", data.parent / "log", *options])


def started(command: list[object]) -> None:
    """Runs a program of PostgreSQL as a user that it accepts."""
    program = binaries() / str(command[0])
    user = {"user": USER, "group": pwd.getpwnam(USER).pw_gid, "extra_groups": []} if ROOT else {}
    line = [str(program), *map(str, command[1:])]
    done = subprocess.run(line, **user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(line)} failed:\n{done.stderr}")


def binaries() -> Path:
    """Where PostgreSQL's programs are; the newest of several."""
    if found := find():
        return found
    if not ROOT or not shutil.which("apt-get"):
        raise SystemExit(
            "There is no PostgreSQL for the tests: on Debian and Ubuntu, apt-get install postgresql; "
            f"or set {URL} to the URL of a server where databases may be made."
        )
    print("== PostgreSQL for the tests: installing Debian's package", flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "postgresql"]):
        subprocess.run(["apt-get", *step], check=True, env=quiet, stdout=subprocess.DEVNULL)
    if found := find():
        return found
    raise SystemExit("Debian's package postgresql is installed, but there is no initdb")


def find() -> Path | None:
    version = lambda path: int(Path(path).parent.parent.name)  # noqa: E731
    debian = sorted(glob.glob("/usr/lib/postgresql/[0-9]*/bin/initdb"), key=version)
    if debian:
        return Path(debian[-1]).parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
