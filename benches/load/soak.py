"""A server under full load for minutes, while other clients break off, dawdle, rest and send what is no request."""

import concurrent.futures
import statistics
import time
import urllib.request

import disturb
import measure
import servers
import users

# Users of the load, and behind them those of the clients who check what became of their edits.
LOADED = 20_000


def run(bench):
    for name in ("SQLite", "PostgreSQL"):
        url = bench.sqlite("soak") if name == "SQLite" else bench.postgres.create("soak")
        users.fill(bench.program, url, bench.template, LOADED + disturb.GUARDED)
        _soak(bench, name, url, 60 * bench.options.soak)


def _soak(bench, name, url, seconds):
    tokens = f"{bench.folder}/soak-tokens"
    users.write_tokens(tokens, range(LOADED), lambda _: "none")
    metrics = f"127.0.0.1:{servers.free_port()}"
    server = bench.start(url, "--metrics-bind", metrics)
    # Before the clocks start, the cache has what it may have.
    measure.wrk(server, "mix", tokens, 20)
    everybody = [users.token(number) for number in range(LOADED)]
    careful = [users.token(LOADED + number) for number in range(disturb.GUARDED)]
    with concurrent.futures.ProcessPoolExecutor(2) as processes, concurrent.futures.ThreadPoolExecutor(1) as threads:
        where = (server.host, server.port)
        disturbed = processes.submit(disturb.disturb, *where, everybody, seconds, int(time.time()))
        behaved = processes.submit(disturb.behave, *where, careful, seconds)
        load = threads.submit(measure.wrk, server, "mix", tokens, seconds)
        anonymous = _memory(server, seconds)
        (tally, faults), (checked, more_faults, times), result = disturbed.result(), behaved.result(), load.result()
    failed = _server_errors(metrics)
    print("\n".join(map(str, [dict(tally), *faults, *more_faults])), flush=True)
    bench.stop()
    _rows(bench, name, seconds, result, (tally, checked, times), (failed, anonymous))


def _memory(server, seconds):
    """Megabytes of its own, every five seconds."""
    found, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(5)
        found.append(server.memory()["RssAnon"])
    return found


def _server_errors(metrics):
    """Answers with 5xx, as the server has counted them."""
    with urllib.request.urlopen(f"http://{metrics}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in lines
               if line.startswith("steward_http_requests_total") and 'status="5' in line)


def _rows(bench, name, seconds, result, clients, server):
    (tally, checked, times), (failed, anonymous) = clients, server
    of = lambda *starts: sum(count for key, count in tally.items() if key.startswith(starts))
    minutes = f"{name}, {seconds / 60:.0f} min"
    bench.row(f"answers with 5xx, {minutes}", 0, None, failed,
              f"of {result['rate'] * seconds:,.0f} of the load, {of('malformed'):,} malformed, {of('broken off'):,} "
              f"broken off, {of('slow'):,} slow; {tally['resting at a time']} resting at a time", more_is_better=False)
    bench.row(f"slowest request of the load, {minutes}, ms", 1000, None, result["max"],
              f"p50 {result['p50']:.1f} ms, p99 {result['p99']:.1f} ms at {result['rate']:,.0f}/s", more_is_better=False)
    bench.row(f"slowest guarded request, {minutes}, ms", 1000, None, 1000 * times[-1],
              f"p50 {1000 * statistics.median(times):.1f} ms; {checked['edits found again']:,} edits, all found again",
              more_is_better=False)
    part = len(anonymous) // 5
    early, late = statistics.median(anonymous[part:2 * part]), statistics.median(anonymous[-part:])
    bench.row(f"memory in the last fifth against the second, {minutes}", 1.05, None, late / early,
              f"{early:.1f} MB, then {late:.1f} MB", more_is_better=False)
