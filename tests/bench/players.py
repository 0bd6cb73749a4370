"""Plays films of every kind in browsers and players and writes what came of it into guide/films.md; not on builds.

    python -m tests.bench.players

Needs Debian's chromium, firefox-esr, ffmpeg, gstreamer1.0-tools, gstreamer1.0-libav and gstreamer1.0-plugins-bad; what
is not there is left out of the table. A browser counts as playing a film if it plays to its end and the last frame has
the colours that were painted.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmviz.orders.order import FilmOrder
from mmviz.render.film.movie import join_segments, write_segment

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "films.md"
BEGIN, END = "<!-- players: made by tests/bench/players.py -->", "<!-- end of players -->"
FILMS: Mapping[str, FilmOrder] = {
    "crf 18, as it is unless asked": FilmOrder("", 640, 480, 25),
    "`--crf 0`": FilmOrder("", 640, 480, 25, crf=0),
    "`--crf 51`": FilmOrder("", 640, 480, 25, crf=51),
    "1920x1080, 60 a second": FilmOrder("", 1920, 1080, 60),
    "`--lossless`": FilmOrder("", 640, 480, 25, lossless=True),
}
QUARTERS = ((220, 40, 40), (40, 200, 60), (50, 80, 230), (128, 128, 128))
NEAR = 24
"""By how much a colour of 0 to 255 may be another one after coding with loss."""
SECONDS = 60
SCRIPT = """<!doctype html><meta charset="utf-8"><body><script>
const played = (name) => new Promise((done) => {
  const video = document.createElement("video");
  video.muted = true;
  document.body.append(video);
  const end = (what) => done([name, what]);
  setTimeout(() => end("does not come to its end"), 12000);
  video.onerror = () => end("refused: " + video.error.message);
  video.onended = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const pen = canvas.getContext("2d");
    pen.drawImage(video, 0, 0);
    const at = (x, y) => [...pen.getImageData(x * canvas.width, y * canvas.height, 1, 1).data].slice(0, 3);
    end([at(.25, .25), at(.75, .25), at(.25, .75), at(.75, .75)]);
  };
  video.src = name;
  video.play().catch((error) => end("refused: " + error.message));
});
(async () => {
  const found = {};
  for (const name of NAMES) { const [film, what] = await played(name); found[film] = what; }
  await fetch("/found", {method: "POST", body: JSON.stringify(found)});
})();
</script>"""


def main() -> None:
    """Make the films, play them, and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        files = {
            name: make(order, Path(folder) / f"{number}.mp4") for number, (name, order) in enumerate(FILMS.items())
        }
        columns: dict[str, Mapping[str, str]] = {"stored as": {name: stored_as(file) for name, file in files.items()}}
        for title, column in (*browsers(files), *gstreamer(files)):
            columns[title] = column
    lines = [f"| film | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    lines += [f"| {name} | {' | '.join(column[name] for column in columns.values())} |" for name in FILMS]
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}", encoding="utf-8")


def make(order: FilmOrder, path: Path) -> Path:
    """Three seconds of four quarters and a dot that moves, in two segments as several processes make them."""
    half = 3 * order.fps // 2
    parts = []
    for number in range(2):
        part = path.with_suffix(f".{number}.mp4")
        parts.append((part, write_segment(part, painted(order, number * half, half), order)))
    join_segments(parts, path)
    return path


def painted(order: FilmOrder, first: int, count: int) -> Iterator[NDArray[np.uint8]]:
    """(height, width, 3) each."""
    high, wide = order.height // 2, order.width // 2
    for number in range(first, first + count):
        frame = np.zeros((order.height, order.width, 3), np.uint8)
        for place, color in enumerate(QUARTERS):
            down, across = divmod(place, 2)
            frame[down * high : (down + 1) * high, across * wide : (across + 1) * wide] = color
        frame[4:12, 4 + number : 12 + number] = 255
        yield frame


def stored_as(file: Path) -> str:
    """Profile, pixels and colours, in the words of ffprobe."""
    entries = "stream=profile,pix_fmt,color_space,color_range,color_primaries,color_transfer"
    words = ["ffprobe", "-v", "error", "-of", "json", "-show_entries", entries, str(file)]
    (stream,) = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)["streams"]
    tags = (stream[f"color_{word}"] for word in ("space", "primaries", "transfer", "range"))
    return f"{stream['profile']}, {stream['pix_fmt']}, {'/'.join(tags)}"


def browsers(files: Mapping[str, Path]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each browser that is there, and what it makes of each film."""
    for program, options in (
        ("chromium", ("--headless=new", "--no-sandbox", "--autoplay-policy=no-user-gesture-required")),
        ("firefox-esr", ("--headless", "--no-remote")),
    ):
        if shutil.which(program) is None:
            continue
        with tempfile.TemporaryDirectory() as home, served(files) as (address, results):
            own = (f"--user-data-dir={home}",) if program == "chromium" else ("--profile", home)
            (Path(home) / "user.js").write_text('user_pref("media.autoplay.default", 0);\n')
            words = [program, *options, *own, address]
            running = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                found = results.get(timeout=2 * SECONDS)
            except Empty:
                found = {}
            finally:
                running.terminate()
                running.wait()
        yield version(program, "--version"), {name: verdict(found.get(f"/{file.name}")) for name, file in files.items()}


def verdict(found: Any) -> str:
    """Of what a browser tells about a film: a text, or the colours of its last frame."""
    if not isinstance(found, list):
        return str(found).partition(":")[0] if found else "no answer"
    off = np.abs(np.array(found) - np.array(QUARTERS)).max()
    return "plays" if off <= NEAR else f"plays, colours off by {off}"


@contextmanager
def served(files: Mapping[str, Path]) -> Iterator[tuple[str, Queue[dict[str, Any]]]]:
    """A page that plays the films, at an address of this machine, and what it tells."""
    results: Queue[dict[str, Any]] = Queue()
    names = [f"/{file.name}" for file in files.values()]
    page = SCRIPT.replace("NAMES", json.dumps(names)).encode()
    content = {f"/{file.name}": file.read_bytes() for file in files.values()}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = content.get(self.path, page)
            self.send_response(200)
            self.send_header("Content-Type", "video/mp4" if self.path in content else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            results.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", results
    finally:
        server.shutdown()
        server.server_close()


def gstreamer(files: Mapping[str, Path]) -> Iterator[tuple[str, dict[str, str]]]:
    """Two decoders of GStreamer: FFmpeg's, and Cisco's, which stands for those that know the usual profiles only."""
    if shutil.which("gst-launch-1.0") is None:
        return
    number = version("gst-launch-1.0", "--version").split()[-1]
    for decoder in ("avdec_h264", "openh264dec"):
        there = subprocess.run(["gst-inspect-1.0", decoder], capture_output=True, check=False).returncode == 0
        if there:
            yield f"GStreamer {number}, {decoder}", {name: played(file, decoder) for name, file in files.items()}


def played(file: Path, decoder: str) -> str:
    """Whether GStreamer decodes a film to its end."""
    pipeline = f"filesrc location={file} ! qtdemux ! h264parse ! {decoder} ! fakesink"
    words = ["gst-launch-1.0", "-q", *pipeline.split()]
    try:
        done = subprocess.run(words, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:  # it waits for a frame that it can show
        return "shows nothing"
    return "plays" if done.returncode == 0 and b"ERROR" not in done.stderr else "refused"


def version(program: str, option: str) -> str:
    """What a program calls itself, without what it is built for."""
    said = subprocess.run([program, option], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    return said.partition(" built on")[0].replace("Mozilla ", "").replace("version ", "").strip()


if __name__ == "__main__":
    main()
