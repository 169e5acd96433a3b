"""A real HTTP server that stands for a gateway of text messages."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class TextGatewayServer:
    """`requests` are what it was sent (headers, document); `answers` (status, document) are given to the next ones, after
    that each gets an id of its own. `wait`: while it is not set, no answer comes; `seconds`: how long each one takes."""

    def __init__(self):
        self.requests: list[tuple[dict[str, str], Any]] = []
        self.answers: list[tuple[int, Any]] = []
        self.wait = threading.Event()
        self.wait.set()
        self.port = 0
        self.seconds = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send"

    def keys(self) -> list[str]:
        return [headers["idempotency-key"] for headers, _document in self.requests]

    def settings(self, **values) -> dict:
        """One entry of TEXT_GATEWAYS that leads here."""
        body = {"to": "{to_digits}", "message": "{text}"}
        return {"gateway": "json", "url": self.url, "body": body, "id_path": "data.0.id"} | values


@contextmanager
def running_text_gateway() -> Iterator[TextGatewayServer]:
    state = TextGatewayServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.requests.append((headers, json.loads(content)))
            number = len(state.requests)
            status, document = state.answers.pop(0) if state.answers else (200, {"data": [{"id": f"sms-{number}"}]})
            state.wait.wait(30)
            time.sleep(state.seconds)
            answer = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.wait.set()
        server.shutdown()
        server.server_close()
