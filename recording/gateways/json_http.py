import json
import time
from typing import Any

import requests

from recording.gateways.base import OutgoingMessage, TemporaryRefusal, Undeliverable
from recording.gateways.text import TextGatewaySettings, as_word, at_path, fill

# The request itself is at fault, so the next try fails as well. Any other error may be the gateway's or the settings'.
LASTING = frozenset({400, 410, 422})
LONGEST_ANSWER = 64 * 1024  # bytes


class JsonGateway:
    """Posts each message as JSON to the address in the settings, over one connection for as many as there are.

    Sends the message's key as `Idempotency-Key`: a gateway that heeds it never sends a copy.
    """

    def __init__(self, options: TextGatewaySettings):
        self.options = options
        self.reports = bool(options.report_secret)

    def __enter__(self):
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy, no .netrc: exactly the address and headers that are set
        return self

    def __exit__(self, *exception):
        self.session.close()

    def send(self, message: OutgoingMessage) -> str:
        status, answer = self._post(message)
        if status in LASTING:
            raise Undeliverable(f"gateway refused, {status}")
        if not 200 <= status < 300:
            raise TemporaryRefusal(f"gateway answered {status}")
        said = as_word(at_path(answer, self.options.success_path)) if self.options.success_path else ""
        if said in self.options.refused_values:
            raise Undeliverable(f"gateway refused: {said}"[:100])
        if self.options.success_path and said not in self.options.success_values:
            raise TemporaryRefusal("gateway did not say that it took the message")
        known_as = at_path(answer, self.options.id_path) if self.options.id_path else None
        return message.key if known_as in (None, "") else f"{known_as}"

    def _post(self, message: OutgoingMessage) -> tuple[int, Any]:
        deadline = time.monotonic() + self.options.timeout
        try:
            with self.session.post(
                self.options.url,
                json=fill(self.options.body, message),
                headers={**self.options.headers, "Idempotency-Key": message.key},
                timeout=self.options.timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code, _read(response, deadline)
        except requests.RequestException as error:
            raise TemporaryRefusal(type(error).__name__) from None


def _read(response: requests.Response, deadline: float) -> Any:
    """The answer's JSON; None: none, or more of it than an answer has, or it never ends."""
    content = b""
    for chunk in response.iter_content(8192):
        content += chunk
        if len(content) > LONGEST_ANSWER or time.monotonic() > deadline:
            return None
    try:
        return json.loads(content)
    except ValueError:
        return None
