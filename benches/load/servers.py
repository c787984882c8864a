"""Programs that are measured: each is started on a free port of this machine and ended by whoever started it."""

import glob
import os
import pwd
import shutil
import socket
import subprocess
import time

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PROGRAMS = ("initdb", "pg_ctl", "createdb", "psql", "pgbench")
SECRET = "the bench's own secret, which signs nothing else"


def build(program):
    """Builds the program, if none is given, and the ceiling; returns their paths."""
    for package in ["ceiling"] if program else ["steward", "ceiling"]:
        subprocess.run(["cargo", "build", "--release", "--locked", "-p", package], cwd=ROOT, check=True)
    target = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "release")
    return program or os.path.join(target, "steward"), os.path.join(target, "ceiling")


class Server:
    """A program whose first line says where it listens."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on http://"), f"{command}: {line!r}"
        self.host, port = line.strip().removeprefix("listening on http://").rsplit(":", 1)
        self.port = int(port)

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def get(self, token, path="/api/v2/user", headers=(), method="GET", body=b""):
        """Status, headers, body. By hand, so that it costs next to nothing."""
        lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Authorization: Bearer {token}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers]
        lines += [f"Content-Length: {len(body)}"] if body else []
        with socket.create_connection((self.host, self.port)) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        return int(first.split()[1]), dict(line.split(": ", 1) for line in rest), body.decode()

    def memory(self):
        """Megabytes: all that was ever resident at once, and what of it is now the program's own and of files."""
        with open(f"/proc/{self.process.pid}/status") as status:
            fields = dict(line.split(":", 1) for line in status)
        return {name: int(fields[name].split()[0]) / 1024 for name in ("VmHWM", "RssAnon", "RssFile")}

    def stop(self):
        self.process.terminate()
        self.process.wait()


def steward(program, url, *flags):
    # Access lines are left out: they would be the terminal's throughput.
    command = [program, "--database-url", url, "--log", "warn", "serve", "--bind", "127.0.0.1:0"]
    return Server([*command, "--jwt-secret", SECRET, *flags])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postgres:
    """A PostgreSQL with its own settings (so with fsync), in a folder of its own on the disk that is measured."""

    def __init__(self, folder):
        places = [os.path.dirname(shutil.which("initdb") or "")]
        places += sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
        has_all = lambda place: all(os.path.exists(os.path.join(place, name)) for name in PROGRAMS)
        self.bin = next((place for place in places if has_all(place)), None)
        assert self.bin, f"PostgreSQL's programs {PROGRAMS} are missing: apt-get install postgresql"
        self.folder = folder
        self.port = free_port()
        os.makedirs(folder)
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        data = os.path.join(folder, "data")
        self.run("initdb", "--username=bench", "--auth=trust", "--encoding=UTF8", "--no-locale", "-D", data)
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={folder}"
        log = os.path.join(folder, "log")
        self.run("pg_ctl", "start", "-s", "-w", "-D", data, "-l", log, "-o", options)

    def run(self, program, *arguments):
        identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        command = [os.path.join(self.bin, program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", **identity)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def on(self, program, *arguments):
        """A client's program."""
        return self.run(program, "-h", "127.0.0.1", "-p", str(self.port), "-U", "bench", *arguments)

    def create(self, name):
        self.on("createdb", name)
        return f"postgres://bench@127.0.0.1:{self.port}/{name}"

    def size(self, name):
        self.on("psql", "-q", "-d", name, "-c", "VACUUM")
        return int(self.on("psql", "-At", "-d", name, "-c", f"SELECT pg_database_size('{name}')"))

    def stop(self):
        self.run("pg_ctl", "stop", "-s", "-m", "fast", "-D", os.path.join(self.folder, "data"))


def first_answer(start, token):
    """Seconds from exec to the first answer."""
    began = time.perf_counter()
    server = start()
    status, _, _ = server.get(token)
    seconds = time.perf_counter() - began
    server.stop()
    assert status == 200, status
    return seconds
