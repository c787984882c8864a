"""Clients that disturb a server: they break off, are slow, rest, or send what is no request. And one who does nothing wrong.

Each class of answers is counted; what came with 5xx is kept, to be looked at.
"""

import asyncio
import json
import random
import socket
import statistics
import struct
import time
from collections import Counter

IDLE, SLOW, BREAKING, MALFORMED, GUARDED = 500, 30, 8, 8, 4
# How long a client of these waits at most before it goes.
PATIENCE = 120


class Disturbance:
    """What the clients of a run share."""

    def __init__(self, host, port, tokens, seed):
        self.host, self.port, self.tokens = host, port, tokens
        self.random = random.Random(seed)
        self.tally, self.faults, self.open_idle = Counter(), [], 0

    async def open(self):
        return await asyncio.open_connection(self.host, self.port)

    def request(self, method="GET", path="/api/v2/user", body=None, headers=()):
        lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Authorization: Bearer {self.random.choice(self.tokens)}"]
        lines += headers
        if body is not None:
            lines += ["Content-Type: application/vnd.api+json", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + (body or b"")

    def edit(self, **attributes):
        attributes = attributes or {"employer": str(self.random.random()), "overwrite": True}
        return json.dumps({"data": {"type": "users", "attributes": attributes}}).encode()

    def count(self, who, status, sent):
        self.tally[f"{who} {status // 100}xx"] += 1
        if status >= 500:
            self.faults.append((who, status, repr(sent[:300])))


async def answer(reader):
    """Status and body of an answer whose length is told; 0 where the connection ends instead."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return 0, b""
    length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
    return int(head.split()[1]), await reader.readexactly(length)


async def rests(run):
    """Asks once, and then keeps the connection until the server ends it."""
    reader, writer = await run.open()
    sent = run.request()
    writer.write(sent)
    status, _ = await answer(reader)
    run.count("resting", status, sent)
    run.open_idle += 1
    try:
        await reader.read()
    finally:
        run.open_idle -= 1
        writer.close()


async def dawdles(run):
    """Sends a head or a body byte by byte, or takes answers byte by byte."""
    reader, writer = await run.open()
    how, began = run.random.choice(("head", "body", "reader")), time.monotonic()
    run.tally[f"slow {how}"] += 1
    sent = run.request("PUT", body=run.edit() * 20) if how == "body" else run.request(headers=["X-Filler: " + "x" * 500])
    if how == "body":
        start = sent.index(b"\r\n\r\n") + 4
        writer.write(sent[:start])
        sent = sent[start:]
    elif how == "reader":
        sent = run.request(path="/api/v2/user?include=*") * 400
        writer.write(sent)
    ended = asyncio.ensure_future(answer(reader)) if how != "reader" else None
    place = 0
    while time.monotonic() - began < PATIENCE and not writer.is_closing() and not (ended and ended.done()):
        await asyncio.sleep(0.5)
        if ended is None:
            if not await reader.read(16):
                break
        else:
            writer.write(sent[place:place + 1])
            place += 1
    if ended:
        ended.cancel() if not ended.done() else run.count(f"slow {how}", ended.result()[0], sent)
    writer.transport.abort()


async def breaks_off(run):
    """Sends a request, or a part of it, and resets the connection before or while it is answered."""
    _, writer = await run.open()
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    path = run.random.choice(("/api/v2/user", "/api/v2/user?include=*"))
    sent = run.random.choice((run.request(path=path), run.request("PUT", body=run.edit())))
    writer.write(sent[:run.random.choice((len(sent), len(sent), run.random.randrange(len(sent))))])
    await asyncio.sleep(run.random.random() * 0.02)
    writer.transport.abort()
    run.tally["broken off"] += 1
    await asyncio.sleep(run.random.random() * 0.04)


def no_request(run):
    """What is no request, or hardly one."""
    edit = run.edit()
    whole = run.request("PUT", body=edit)
    torn = bytearray(run.random.choice((whole, run.request())))
    for _ in range(run.random.randrange(1, 6)):
        torn[run.random.randrange(len(torn))] = run.random.randrange(256)
    return run.random.choice((
        bytes(torn), bytes(torn), bytes(torn),
        run.random.randbytes(run.random.randrange(1, 2000)),
        b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        run.request(headers=["X-Large: " + "x" * 40_000]),
        run.request(headers=[f"X-{i}: {i}" for i in range(300)]),
        run.request(path="/" + "%" * 50), run.request(path="/api/v2/user?include=" + "a," * 3000),
        run.request(path="/api/v2/user?fields[users]=%00&page[number]=-1&filter[[]]=1"),
        run.request(headers=["Transfer-Encoding: chunked", "Content-Length: 5"]) + b"zz\r\nhello",
        run.request("PUT", body=edit[:run.random.randrange(len(edit))]),
        run.request("PUT", body=b"[" * 20_000), run.request("PUT", body=b'{"data":' * 100 + b"1" + b"}" * 100),
        run.request("PUT", body=b"\xff\xfe" + edit), run.request("PUT", body=b"x" * 3_000_000),
        run.request("POST", path="/api/v2/operations", body=b'{"atomic:operations":[{"op":"nothing"}]}'),
        run.request("PUT", body=edit, headers=["If-Match: " + '"' * 99, "Idempotency-Key: \x01"]),
        run.request("BREW"), run.request("PUT", path="/api/v2/user/email_addresses/x", body=b"null"),
    ))


async def garbles(run):
    """Sends it, and takes what answer there is."""
    reader, writer = await run.open()
    sent = no_request(run)
    writer.write(sent)
    try:
        status, _ = await asyncio.wait_for(answer(reader), 1)
        run.count("malformed", status, sent)
    except (asyncio.TimeoutError, ConnectionError, asyncio.IncompleteReadError):
        run.tally["malformed, waited for the rest"] += 1
    writer.transport.abort()
    await asyncio.sleep(run.random.random() * 0.06)


async def edits(run, slowest):
    """A client as there should be: reads, edits on what it has read, and sees its edit when it reads again."""
    reader, writer = await run.open()

    async def exchange(method, body=None):
        sent, began = run.request(method, body=body), time.monotonic()
        writer.write(sent)
        status, content = await answer(reader)
        slowest.append(time.monotonic() - began)
        run.count("guarded", status, sent)
        assert status == 200, (method, status, content)
        return json.loads(content)["data"]["attributes"]

    number = 0
    while True:
        stamp = (await exchange("GET"))["updated_in_db_at"]
        number += 1
        await exchange("PUT", run.edit(occupation=f"edit {number}", updated_in_db_at=stamp))
        assert (await exchange("GET"))["occupation"] == f"edit {number}", "an acknowledged edit is lost"
        run.tally["edits found again"] += 1
        await asyncio.sleep(0.05)


async def again(run, client):
    """A client, and when it is gone the next."""
    while True:
        try:
            await client(run)
        except (ConnectionError, asyncio.IncompleteReadError, OSError):
            run.tally["ended by the server"] += 1


async def _play(clients, seconds):
    tasks = [asyncio.ensure_future(client) for client in clients]
    done, left = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        task.result()
    # Once is not enough for one that has just heard what it waited for with a limit.
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1)


def disturb(host, port, tokens, seconds, seed):
    """In a process of its own; returns what was counted, and the first of what came with 5xx."""
    run = Disturbance(host, port, tokens, seed)
    resting = []

    async def watch():
        await asyncio.sleep(20)
        while True:
            resting.append(run.open_idle)
            await asyncio.sleep(1)

    kinds = ((IDLE, rests), (SLOW, dawdles), (BREAKING, breaks_off), (MALFORMED, garbles))
    clients = [again(run, kind) for count, kind in kinds for _ in range(count)]
    asyncio.run(_play([*clients, watch()], seconds))
    run.tally["resting at a time"] = statistics.median_low(resting)
    return run.tally, run.faults[:20]


def behave(host, port, tokens, seconds):
    """In a process of its own: clients who do nothing wrong, each with a user of its own. Returns the times of their answers,
    too, in seconds, the slowest last."""
    slowest = []
    runs = [Disturbance(host, port, [token], 0) for token in tokens]
    asyncio.run(_play([edits(run, slowest) for run in runs], seconds))
    tally = sum((run.tally for run in runs), Counter())
    return tally, [fault for run in runs for fault in run.faults], sorted(slowest)
