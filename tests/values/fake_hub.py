"""A Hugging Face Hub on this machine, as small as huggingface_hub lets it be, and a cache as that lays it out."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NEXT_COMMIT = "89abcdef0123456789abcdef0123456789abcdef"
_INFORMATION = re.compile(r"/api/models/(?P<repository>.+)/revision/(?P<revision>[^/?]+)")
_FILE = re.compile(r"/(?P<repository>[\w.-]+(?:/[\w.-]+)?)/resolve/(?P<revision>[^/]+)/(?P<file>.+)")


def fill_cache(cache: Path, repository: str, files: dict[str, bytes], commit: str = COMMIT, ref: str = "main") -> Path:
    """Lay files out as huggingface_hub does: blobs by their sums, a ref, and a snapshot of links to the blobs."""
    home = cache / f"models--{repository.replace('/', '--')}"
    snapshot = home / "snapshots" / commit
    for folder in (home / "blobs", home / "refs", snapshot):
        folder.mkdir(parents=True, exist_ok=True)
    (home / "refs" / ref).write_text(commit)
    for name, content in files.items():
        blob = home / "blobs" / hashlib.sha256(content).hexdigest()
        blob.write_bytes(content)
        (snapshot / name).symlink_to(Path("..") / ".." / "blobs" / blob.name)
    return snapshot


@dataclass
class Hub:
    """What the hub holds, how it misbehaves, and what it was asked for."""

    files: dict[str, dict[str, bytes]]  # repository -> file name -> content
    commit: str = COMMIT  # what the branch main points at
    gated: bool = False  # lists files, but gives none without a token
    status: int = 0  # what every request is answered with, unless 0
    cut: bool = False  # gives half of a file and hangs up
    silent: bool = False  # takes requests and never answers
    moves: bool = False  # main moves on as soon as config.json was given
    asked: list[str] = field(default_factory=list)  # names of the files that were given
    requests: int = 0
    tokens: set[str | None] = field(default_factory=set)
    address: str = ""
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """The hub answers at `hub.address`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        hub.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_GET(self) -> None:
        self._answer(with_content=True)

    def do_HEAD(self) -> None:
        self._answer(with_content=False)

    def log_message(self, *_: Any) -> None:
        """Nothing on standard error."""

    def _answer(self, *, with_content: bool) -> None:
        hub = self.hub
        hub.requests += 1
        token = self.headers.get("Authorization")
        hub.tokens.add(token)
        if hub.silent:
            hub.over.wait(60)
            return
        asked = _INFORMATION.match(self.path) or _FILE.match(self.path)
        refused = (hub.status, "") if hub.status else self._refused(asked, token)
        if refused is not None or asked is None:
            status, code = refused or (404, "")
            self._send(status, b"", {"X-Error-Code": code}, with_content=False)
        elif asked.re is _INFORMATION:
            files = hub.files[asked["repository"]].items()
            listing = [{"rfilename": name, "size": len(content)} for name, content in files]
            answer = {"id": asked["repository"], "sha": hub.commit, "siblings": listing}
            self._send(200, json.dumps(answer).encode(), {}, with_content=True)
        else:
            content = hub.files[asked["repository"]][asked["file"]]
            self._give(asked["file"], content, asked["revision"], with_content=with_content)

    def _refused(self, asked: re.Match[str] | None, token: str | None) -> tuple[int, str] | None:
        """The status and the hub's own word for what is wrong with a question."""
        if asked is None:
            return 404, ""
        if asked["repository"] not in self.hub.files:
            return 401, "RepoNotFound"  # so does the real one, where nobody is logged in
        if asked["revision"] not in ("main", "v1", COMMIT, NEXT_COMMIT):
            return 404, "RevisionNotFound"
        if asked.re is _FILE and self.hub.gated and token is None:
            return 401, "GatedRepo"
        if asked.re is _FILE and asked["file"] not in self.hub.files[asked["repository"]]:
            return 404, "EntryNotFound"
        return None

    def _give(self, name: str, content: bytes, revision: str, *, with_content: bool) -> None:
        commit = revision if revision in (COMMIT, NEXT_COMMIT) else self.hub.commit
        headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": commit}
        if with_content:
            self.hub.asked.append(name)
            if self.hub.moves and name == "config.json":
                self.hub.commit = NEXT_COMMIT
        self._send(200, content, headers, with_content=with_content)

    def _send(self, status: int, content: bytes, headers: dict[str, str], *, with_content: bool) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_content:
            self.wfile.write(content[: len(content) // 2] if self.hub.cut and "ETag" in headers else content)
