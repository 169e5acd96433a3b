"""gunicorn: two workers of four threads, which two cores serve best.

HOST, PORT, WEB_WORKERS and WEB_THREADS change it.
"""

import os
from pathlib import Path

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
workers = int(os.environ.get("WEB_WORKERS") or 2)
threads = int(os.environ.get("WEB_THREADS") or 4)
worker_class = "gthread"
preload_app = True  # Django is loaded once and shared by the workers
timeout = 30
graceful_timeout = 10
max_requests = 5000
max_requests_jitter = 500
control_socket_disable = True
# A worker proves it lives by touching a file; on a slow disk that can take longer than the timeout.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - an unlinked file of its own
accesslog = None  # paths of public pages can hold a letter's token
errorlog = "-"
