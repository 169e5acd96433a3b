"""Settings as an operator meets them: a process of its own, with the wrong variables."""

import base64
import os
import subprocess
import sys

from django.conf import settings

SAFE = {
    "PORTAL_ENV": "production",
    "SECRET_KEY": "kJ8-vQ2_xW5zR7tY1uB4nM6cL0pS3dF9gH-aE_iO" * 2,  # pragma: allowlist secret - made up here
    "FIELD_ENCRYPTION_KEYS": f"1:{base64.b64encode(b'1' * 32).decode()}",
    "BLIND_INDEX_KEY": base64.b64encode(b"2" * 32).decode(),
    "DATABASE_URL": "postgresql://portal@localhost/portal",
    "REDIS_URL": "redis://localhost/0",
    "ALLOWED_HOSTS": "ktp.kuduskab.example",
    "SITE_URL": "https://ktp.kuduskab.example",
    "MESSAGE_CHANNEL": "smtp",
    "PORTAL_STATE": "/nonexistent",
}


def started_with(**variables):
    """(exit code, what it said) of a command that only loads the settings."""
    ended = subprocess.run(
        [sys.executable, "manage.py", "version"],
        env={"PATH": os.defpath} | SAFE | variables,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stderr.strip()


def test_safe_values_start():
    assert started_with() == (0, "")


def test_every_wrong_variable_is_named_at_once_in_lines():
    code, said = started_with(
        BLIND_INDEX_KEY="pendek", DEBUG="mungkin", EMAIL_PORT="dua", TRUSTED_PROXIES="9", DATABASE_CONN_MAX_AGE="x"
    )

    wrong = ["BLIND_INDEX_KEY", "DATABASE_CONN_MAX_AGE", "DEBUG", "EMAIL_PORT", "TRUSTED_PROXIES"]
    assert code == 1
    assert "Traceback" not in said
    assert sorted(line.split(":")[0] for line in said.splitlines()) == wrong


def test_production_refuses_every_unsafe_value_by_name():
    code, said = started_with(
        DEBUG="true",
        SECRET_KEY="a" * 60,
        BLIND_INDEX_KEY=SAFE["FIELD_ENCRYPTION_KEYS"].removeprefix("1:"),
        ALLOWED_HOSTS="localhost",
        SITE_URL="http://ktp.kuduskab.example",
        MESSAGE_CHANNEL="file",
        REQUIRE_SECOND_FACTOR="false",
        DEMO_PASSWORD="mudah",
    )

    refused = [
        "DEBUG",
        "SECRET_KEY",
        "BLIND_INDEX_KEY",
        "ALLOWED_HOSTS",
        "SITE_URL",
        "MESSAGE_CHANNEL",
        "REQUIRE_SECOND_FACTOR",
        "DEMO_PASSWORD",
    ]
    assert code == 1
    assert "Traceback" not in said
    assert all(f"{name}: " in said for name in refused)


def test_production_refuses_gateways_that_are_not_safe():
    code, said = started_with(
        SMS_GATEWAY="json",
        SMS_URL="http://sms.example/send",
        SMS_REPORT_SECRET="pendek",
        WHATSAPP_GATEWAY="apprise",
    )

    assert code == 1
    assert all(f"{name}: " in said for name in ("SMS_URL", "SMS_REPORT_SECRET", "WHATSAPP_URL"))


def test_wrong_gateway_values_are_named():
    code, said = started_with(
        SMS_GATEWAY="merpati",
        SMS_HEADERS="Authorization: x",
        SMS_BODY='"teks"',
        WHATSAPP_TIMEOUT="31",
        QUIET_HOURS="malam",
        MESSAGES_PER_DAY="0",
        BOUNCE_ADDRESS="alamat-yang-terlalu-panjang@kudus.example",
    )

    wrong = {line.split(":")[0] for line in said.splitlines()}
    assert code == 1
    assert wrong == {
        "SMS_GATEWAY",
        "SMS_HEADERS",
        "SMS_BODY",
        "WHATSAPP_TIMEOUT",
        "QUIET_HOURS",
        "MESSAGES_PER_DAY",
        "BOUNCE_ADDRESS",
    }
