"""Database sessions whose content is encrypted and bound to its session key."""

import base64
import json

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore

from recording.crypto import CannotOpen, seal, unseal


class SessionStore(DatabaseSessionStore):
    def encode(self, session_dict) -> str:
        sealed = seal(json.dumps(session_dict), bound_to=f"django_session.session_data.{self.session_key}")
        return base64.b64encode(sealed).decode()

    def decode(self, session_data) -> dict:
        try:
            sealed = base64.b64decode(session_data)
            return json.loads(unseal(sealed, bound_to=f"django_session.session_data.{self.session_key}"))
        except (CannotOpen, ValueError):
            return {}
