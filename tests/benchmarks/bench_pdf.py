"""A long documentation as PDF beside bare WeasyPrint on the same HTML: what the closed gaps of its tags cost."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

REPEATS = 3
PARAGRAPH = (
    "<p>Die Projekte der Region berichten, was in den ersten dreißig Tagen gelingt: Konto, Wohnung, Hausarzt. </p>"
)
SECTION = f"<h3>Ergebnis</h3>{PARAGRAPH * 6}<ul>{'<li>Ein Punkt der Liste</li>' * 6}</ul>"
TABLE = "<table><tr><th>Uhrzeit</th><th>Punkt</th></tr>" + "<tr><td>10:00</td><td>Begrüßung</td></tr>" * 8 + "</table>"


def run(n: int) -> Iterator[dict[str, Any]]:
    """CPU of one PDF with `n` chapters (20 unless told), about a page each, and the memory it takes at most."""
    import django

    django.setup()
    from django.template.loader import render_to_string

    from mobipro import pdf

    if message := pdf.missing_message():
        raise SystemExit(message)
    chapters = n or 20
    body = "".join(f'<h2 id="k{number}">Kapitel {number}</h2>{SECTION}{TABLE}' for number in range(chapters))
    html = render_to_string("pdf/base.html", {"title": "Messung", "author": "", "language": "de"})
    html = html.replace("</body>", f"{body}</body>")
    pages = _pages(pdf.render_html(html, title="Messung"))
    bare(html)
    value, baseline = _in_turn(lambda: pdf.render_html(html, title="Messung"), lambda: bare(html))
    common = {"n": pages}
    yield {
        **common,
        "name": "pdf.cpu",
        "value": round(value),
        "unit": "ms CPU",
        "baseline": "bare WeasyPrint",
        "baseline_value": round(baseline),
    }
    yield {**common, "name": "pdf.cpu_per_page", "value": round(value / pages), "unit": "ms CPU", "baseline": None}
    yield {
        **common,
        "name": "pdf.peak_memory",
        "value": _peak(html),
        "unit": "MB",
        "baseline": "60 MB + 1.2 MB a page",
        "baseline_value": round(60 + 1.2 * pages),
    }


def bare(html: str) -> bytes:
    """WeasyPrint as its own documentation calls it, with our files and fonts."""
    import weasyprint

    from mobipro import pdf

    document = weasyprint.HTML(string=html, url_fetcher=pdf._fetcher(), base_url="static:")
    return bytes(document.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True))


def _pages(data: bytes) -> int:
    import pikepdf

    with pikepdf.open(BytesIO(data)) as document:
        return len(document.pages)


def _in_turn(one: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """The best CPU milliseconds of each, taken in turn."""
    best = [float("inf"), float("inf")]
    for _ in range(REPEATS):
        for place, work in enumerate((one, other)):
            started = time.process_time()
            work()
            best[place] = min(best[place], (time.process_time() - started) * 1000)
    return best[0], best[1]


def _peak(html: str) -> int:
    """MB that rendering adds in a process of its own, which has the portal and WeasyPrint loaded already."""
    command = [sys.executable, "-c", "from tests.benchmarks.bench_pdf import measure_peak; measure_peak()"]
    told = subprocess.run(command, input=html, capture_output=True, text=True, check=True)
    return round(int(told.stdout) / 1024)


def measure_peak() -> None:
    """In the child: HTML from standard input, KB to standard output."""
    import django

    django.setup()
    from mobipro import pdf

    html = sys.stdin.read()
    pdf.render_html("<html lang=de><title>x</title><p>x</p>", title="x")
    before = _resident()
    pdf.render_html(html, title="Messung")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)


def _resident() -> int:
    """KB in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024
