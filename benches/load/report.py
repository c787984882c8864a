"""The table of a run, and the part of docs/performance.md that is made of it."""

import datetime
import os
import platform
import subprocess
import sys
from dataclasses import dataclass

from servers import ROOT

PAGE = os.path.join(ROOT, "docs", "performance.md")
# Of each table of the page.
BEGIN, END = "<!-- {}: written by benches/load/run -->", "<!-- end of {} -->"

# Hidden from `--help`: it is there to be measured against.
ALONE = "--one-commit-per-request"


def has_flag(program):
    """Whether this program knows how to write without sharing commits."""
    asked = [program, "serve", ALONE, "--version-of-nothing"]
    return ALONE not in subprocess.run(asked, capture_output=True, text=True).stderr


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


@dataclass
class Row:
    what: str
    must: float
    reach: float | None
    value: float
    detail: str
    more_is_better: bool

    def verdict(self):
        meets = lambda bound: self.value >= bound if self.more_is_better else self.value <= bound
        if self.reach is not None and meets(self.reach):
            return "reached"
        return "met" if meets(self.must) else "missed"

    def cells(self):
        sign = "≥" if self.more_is_better else "≤"
        reach = "" if self.reach is None else f"{sign} {number(self.reach)}"
        return [self.what, f"{sign} {number(self.must)}", reach, number(self.value), self.verdict(), self.detail]

    def text(self):
        what, must, _, value, verdict, detail = self.cells()
        return f"{what:70} {value:>8} (must {must}) {verdict:8} {detail}"


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    postgres = subprocess.run(["psql", "--version"], capture_output=True, text=True).stdout.split()
    return (f"{os.cpu_count()} × {model}, {gigabytes:.0f} GB, Linux {platform.release()}; "
            f"PostgreSQL {postgres[2] if len(postgres) > 2 else '?'}")


def finish(tables, options):
    """Prints the tables, or writes those that have rows into the page."""
    measured = (f"Measured on {datetime.date.today()}: {machine()}. Load generator, servers and databases share these "
                f"processors.")
    medians = f" Medians of {options.rounds} measurements of {options.seconds} s, in turn."
    for name, rows in tables.items():
        if not rows:
            continue
        lines = ["| what | must | reach for | measured | | in figures |", "| --- | --- | --- | --- | --- | --- |"]
        lines += ["| " + " | ".join(row.cells()) + " |" for row in rows]
        begin, end = BEGIN.format(name), END.format(name)
        text = "\n".join([begin, "", measured + (medians if name == "figures" else ""), "", *lines, "", end])
        if options.write:
            write(text, begin, end)
        else:
            print(text)


def write(text, begin, end):
    with open(PAGE) as file:
        page = file.read()
    before, rest = page.split(begin, 1)
    with open(PAGE, "w") as file:
        file.write(before + text + rest.split(end, 1)[1])
    print(f"written: {os.path.relpath(PAGE)}", file=sys.stderr)
