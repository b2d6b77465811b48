"""A real web site on loopback with everything that goes right and wrong when videos are fetched.

    with LoopbackSite(folder) as site:
        run(site.url("talk.mp4"))

| path                          | answers                                                            |
|-------------------------------|--------------------------------------------------------------------|
| `/NAME`                       | the file of the folder, with Range; folders below work too         |
| `/page/NAME`                  | a page with one `<video>`                                          |
| `/pages/A,B`                  | a page with several                                                |
| `/feed/A,B`                   | an RSS feed with one enclosure for each; names may be addresses    |
| `/jsonld/NAME`                | a page with a schema.org VideoObject (title, duration, uploader)   |
| `/none`                       | a page without any video                                           |
| `/text/NAME`                  | HTML that claims to be video/mp4                                   |
| `/status/CODE[?retry_after=]` | an empty answer with that status                                   |
| `/redirect?to=URL`            | 302                                                                |
| `/endless/NAME`               | chunked zeros for ever, as video/mp4                               |
| `/slow/NAME`                  | the file at `slow_bytes_per_s`, with Range                         |
| `/hang/NAME`                  | headers and the first bytes, then nothing                          |
| `/cut/NAME`                   | the first request with a body ends half way; later ones are whole  |
| `/alwayscut/NAME`             | every answer ends half way, without Range                          |
| `/forbidden-once/NAME`        | 403 to the first GET, then the file                                |
| `/burst/N/NAME[?retry_after=]`| the file to the first N GETs of any, then 429 until `reopen()`     |
| `/limited/NAME`               | the file; where `limit` is a number, to so many names, else 429    |
"""

import html
import http.server
import json
import re
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

_TYPES = {
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
    ".mpd": "application/dash+xml",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain",
    ".jpg": "image/jpeg",
}


class LoopbackSite:
    """Serves `directory` and the routes above until the `with` block ends."""

    def __init__(self, directory: Path, tls: ssl.SSLContext | None = None) -> None:
        self.directory = directory
        self.scheme = "https" if tls else "http"
        self.slow_bytes_per_s = 60_000
        self.requests: Counter[str] = Counter()
        """`METHOD /path` (without query) to how often it was asked for."""
        self.ranges: list[tuple[str, str]] = []
        """(path, Range header) of every request with a Range."""
        self.cookies: set[str] = set()
        """Every Cookie header that came."""
        self.closing = threading.Event()
        self.cut_already: set[str] = set()
        self.refused = 0
        """Requests answered with 429 on `/burst` and `/limited`."""
        self._limit: int | None = None
        self._limited: set[str] = set()
        self._burst = 0
        self._counting = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site = self
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1."""
        return int(self._server.server_address[1])

    @property
    def limit(self) -> int | None:
        """How many different names below `/limited` are served from now on, each as often as asked for."""
        return self._limit

    @limit.setter
    def limit(self, names: int | None) -> None:
        with self._counting:
            self._limit = names
            self._limited.clear()

    def reopen(self) -> None:
        """Serve the next N requests below `/burst` again."""
        with self._counting:
            self._burst = 0

    def admits(self, name: str) -> bool:
        """Count a request below `/limited`."""
        with self._counting:
            if self._limit is None or name in self._limited or len(self._limited) < self._limit:
                self._limited.add(name)
                return True
            self.refused += 1
            return False

    def admits_burst(self, most: int) -> bool:
        """Count a GET below `/burst`."""
        with self._counting:
            self._burst += 1
            self.refused += self._burst > most
            return self._burst <= most

    def url(self, path: str) -> str:
        """The address of a path; characters outside ASCII are escaped."""
        return f"{self.scheme}://127.0.0.1:{self.port}/{quote(path.lstrip('/'), safe='/?=&,:%')}"

    def gets(self, path: str) -> int:
        """How often the path was fetched with GET."""
        return self.requests[f"GET /{path.lstrip('/')}"]

    def add_hls(self, source: Path, ffmpeg: str) -> str:
        """Cut `source` into an HLS stream; the path of its master playlist."""
        folder = self.directory / f"{source.stem}-hls"
        folder.mkdir()
        command = [ffmpeg, "-v", "error", "-i", str(source), "-c", "copy", "-f", "hls", "-hls_time", "1"]
        command += ["-hls_playlist_type", "vod", "-hls_segment_filename", str(folder / "part%03d.ts")]
        subprocess.run([*command, str(folder / "media.m3u8")], check=True)
        master = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=400000,RESOLUTION=320x180\nmedia.m3u8\n"
        (folder / "master.m3u8").write_text(master)
        return f"{folder.name}/master.m3u8"

    def add_dash(self, source: Path, ffmpeg: str) -> str:
        """Cut `source` into a DASH stream of separate picture and sound; the path of its manifest."""
        folder = self.directory / f"{source.stem}-dash"
        folder.mkdir()
        command = [ffmpeg, "-v", "error", "-i", str(source), "-c", "copy", "-f", "dash", "-seg_duration", "1"]
        subprocess.run([*command, str(folder / "manifest.mpd")], check=True)
        return f"{folder.name}/manifest.mpd"


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    site: LoopbackSite

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the tests; print nothing."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
        """Tests print nothing."""

    @property
    def site(self) -> LoopbackSite:
        return self.server.site

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        self.site.requests[f"{self.command} {path}"] += 1
        if wanted := self.headers.get("Range"):
            self.site.ranges.append((path, wanted))
        if cookie := self.headers.get("Cookie"):
            self.site.cookies.add(cookie)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        route, _, rest = path.lstrip("/").partition("/")
        try:
            handler = getattr(self, f"_serve_{route.replace('-', '_')}", None)
            if handler is None:
                self._serve_file(path.lstrip("/"))
            else:
                handler(rest, query)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    def _serve_page(self, name: str, _query: dict[str, str]) -> None:
        self._send_html(_page([name]))

    def _serve_pages(self, names: str, _query: dict[str, str]) -> None:
        self._send_html(_page(names.split(",")))

    def _serve_feed(self, names: str, _query: dict[str, str]) -> None:
        addresses = (name if "://" in name else self.site.url(name) for name in names.split(","))
        items = "".join(
            f"<item><title>Episode {number}</title>"
            f'<enclosure url="{html.escape(address)}" type="video/mp4"/></item>'
            for number, address in enumerate(addresses, start=1)
        )
        channel = f"<channel><title>My feed</title>{items}</channel>"
        feed = f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'
        self._send(200, feed.encode(), "application/rss+xml")

    def _serve_none(self, _rest: str, _query: dict[str, str]) -> None:
        self._send_html("<!doctype html><html><title>Gardening</title><p>Only words about roses.</html>")

    def _serve_jsonld(self, name: str, query: dict[str, str]) -> None:
        video = {
            "@context": "https://schema.org",
            "@type": "VideoObject",
            "name": "A talk about queues",
            "description": "Why queues help.",
            "uploadDate": "2024-03-05",
            "duration": query.get("duration", "PT4S"),
            "author": {"@type": "Person", "name": "Ada"},
            "thumbnailUrl": self.site.url("poster.jpg"),
            "contentUrl": query.get("media") or self.site.url(name),
        }
        self._send_html(
            f'<!doctype html><html><script type="application/ld+json">{json.dumps(video)}</script></html>'
        )

    def _serve_text(self, _name: str, _query: dict[str, str]) -> None:
        self._send(200, b"<!doctype html><html><body>Please log in.</body></html>", "video/mp4")

    def _serve_status(self, code: str, query: dict[str, str]) -> None:
        extra = {"Retry-After": query["retry_after"]} if "retry_after" in query else {}
        self._send(int(code), b"", "text/plain", extra)

    def _serve_redirect(self, _rest: str, query: dict[str, str]) -> None:
        self._send(302, b"", "text/plain", {"Location": query["to"]})

    def _serve_endless(self, _name: str, _query: dict[str, str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        block = b"\0\0\0\x18ftypmp42" + bytes(65536 - 12)
        while self.command == "GET" and not self.site.closing.is_set():
            self.wfile.write(b"10000\r\n" + block + b"\r\n")

    def _serve_slow(self, name: str, _query: dict[str, str]) -> None:
        data = (self.site.directory / name).read_bytes()
        self._send_file(name, data, self._write_slowly)

    def _write_slowly(self, data: bytes) -> None:
        step = max(1, self.site.slow_bytes_per_s // 20)
        for start in range(0, len(data), step):
            self.wfile.write(data[start : start + step])
            self.wfile.flush()
            if self.site.closing.wait(0.05):
                self.close_connection = True
                return

    def _serve_hang(self, name: str, _query: dict[str, str]) -> None:
        self.wfile.write(self._start_whole(name)[:4096])
        self.wfile.flush()
        self.site.closing.wait()
        self.close_connection = True

    def _serve_cut(self, name: str, _query: dict[str, str]) -> None:
        if self.command == "HEAD" or name in self.site.cut_already:
            self._serve_file(name)
            return
        if self.headers.get("Range") is None and self.site.requests[f"GET /cut/{name}"] > 1:
            self.site.cut_already.add(name)  # the first GET is the extractor's look at the headers
            self._send_half(name)
            return
        self._serve_file(name)

    def _serve_alwayscut(self, name: str, _query: dict[str, str]) -> None:
        self._send_half(name)

    def _serve_forbidden_once(self, name: str, _query: dict[str, str]) -> None:
        if self.command == "GET" and self.site.gets(f"forbidden-once/{name}") == 1:
            self._send(403, b"", "text/plain")
        else:
            self._serve_file(name)

    def _serve_burst(self, rest: str, query: dict[str, str]) -> None:
        most, _, name = rest.partition("/")
        if self.command != "GET" or self.site.admits_burst(int(most)):
            self._serve_file(name)
        else:
            self._serve_status("429", query)

    def _serve_limited(self, name: str, query: dict[str, str]) -> None:
        if self.site.admits(name):
            self._serve_file(name)
        else:
            self._serve_status("429", query)

    def _send_half(self, name: str) -> None:
        data = self._start_whole(name)
        self.wfile.write(data[: len(data) // 2])
        self.close_connection = True

    def _start_whole(self, name: str) -> bytes:
        """Send the headers of the whole file; its bytes, none for HEAD."""
        data = (self.site.directory / name).read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", _TYPES.get(Path(name).suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        return data if self.command == "GET" else b""

    def _serve_file(self, name: str) -> None:
        path = self.site.directory / name
        if not path.is_file():
            self._send(404, b"nothing here", "text/plain")
            return
        self._send_file(name, path.read_bytes(), self.wfile.write)

    def _send_file(self, name: str, data: bytes, write: Callable[[bytes], object]) -> None:
        """The file, or the part of it that the request's Range asks for."""
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start = int(match[1]) if match else 0
        end = min(int(match[2] or len(data)), len(data) - 1) if match else len(data) - 1
        if match and start > end:
            self._send(416, b"", "text/plain", {"Content-Range": f"bytes */{len(data)}"})
            return
        self.send_response(206 if match else 200)
        self.send_header("Content-Type", _TYPES.get(Path(name).suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(end - start + 1))
        self.send_header("Accept-Ranges", "bytes")
        if match:
            self.send_header("Content-Range", f"bytes {start}-{end}/{len(data)}")
        self.end_headers()
        if self.command == "GET":
            write(data[start : end + 1])

    def _send_html(self, text: str) -> None:
        self._send(200, text.encode(), "text/html; charset=utf-8")

    def _send(self, code: int, body: bytes, kind: str, extra: dict[str, str] | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (extra or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


def _page(names: list[str]) -> str:
    """A page like a small blog would write it; names may be full addresses."""
    videos = "".join(
        f'<video controls><source src="{html.escape(name if "://" in name else "/" + quote(name))}" '
        f'type="{_TYPES.get(Path(name).suffix, "video/mp4")}"></video>'
        for name in names
    )
    return f"<!doctype html><html><head><title>My holiday talk</title></head><body>{videos}</body></html>"
