"""What is measured with what: wrk, pgbench, the disk alone, a command from start to end."""

import json
import os
import statistics
import subprocess
import time

from servers import ROOT

SCRIPT = os.path.join(ROOT, "benches", "load", "requests.lua")
CONNECTIONS = 64


def wrk(server, mode, tokens, seconds, think=0):
    """Drives a server; returns rate (1/s), p50 and p99 (ms)."""
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", SCRIPT, server.url]
    command += ["--", mode, tokens, str(think)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result = json.loads(output.splitlines()[-1])
    assert result["failed"] == 0, f"{mode}: {output}"
    return result


def half(server, mode, tokens, seconds, most):
    """As `wrk`, at half of the rate `most`: each connection rests after an answer."""
    aim = most["rate"] / 2
    think = CONNECTIONS / aim * 1000 - most["p50"] / 2
    for _ in range(3):
        rate = wrk(server, mode, tokens, 2, think)["rate"]
        think = max(0.01, think + CONNECTIONS * (1 / aim - 1 / rate) * 1000)
    return wrk(server, mode, tokens, seconds, think)


def alternate(rounds, measures):
    """Each measure in turn, and again: A B A B. Returns lists under the measures' names."""
    found = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name].append(measure())
    return found


def median(found, name, field="rate"):
    return statistics.median(result[field] for result in found[name])


def middle(found, name):
    """The result whose rate is the median."""
    return sorted(found[name], key=lambda result: result["rate"])[len(found[name]) // 2]


def disk(folder, seconds):
    """How often 4 KiB are appended and reach the disk, by the second."""
    path, block, count = os.path.join(folder, "disk"), b"x" * 4096, 0
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    # Room for it is made first, as in a log that is used again, so that only the data are waited for.
    os.posix_fallocate(file, 0, 64 * 1024 * 1024)
    os.fsync(file)
    began = time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        os.pwrite(file, block, count % 16384 * 4096)
        os.fdatasync(file)
        count += 1
    os.close(file)
    os.unlink(path)
    return {"rate": count / passed}


def pgbench(postgres, folder, seconds):
    """One-row updates by their key at 16 clients, uniformly over 1,000 rows."""
    script = os.path.join(folder, "update.sql")
    with open(script, "w") as file:
        file.write("\\set aid random(1, 1000)\n"
                   "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid;\n")
    os.chmod(script, 0o644)
    arguments = ["-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", str(seconds), "-f", script, "pgbench"]
    output = postgres.on("pgbench", *arguments)
    line = next(line for line in output.splitlines() if line.startswith("tps = "))
    return {"rate": float(line.split()[2])}


def command(arguments):
    """Runs a program to its end; returns its seconds and the most megabytes of its own: pages of files are the system's."""
    began, most = time.perf_counter(), 0
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        with open(f"/proc/{process.pid}/status") as status:
            peak = [line.split()[1] for line in status if line.startswith("RssAnon")]
        most = max([most, *map(int, peak)])
        time.sleep(0.005)
    seconds = time.perf_counter() - began
    assert process.returncode == 0, f"{arguments}: {process.returncode}"
    return {"seconds": seconds, "megabytes": most / 1024}
