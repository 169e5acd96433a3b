"""Lists `portal` among Django's commands. manage.py hands it to the supervisor before any setting is read."""

from django.core.management import BaseCommand

from ektp_portal import supervisor


class Command(BaseCommand):
    help = "Run the whole portal: PostgreSQL, Valkey, web, worker and beat, until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        supervisor.add_arguments(parser)

    def handle(self, *, host, port, **_options):
        argv = [f"--host={host}"] if host else []
        argv += [f"--port={port}"] if port else []
        raise SystemExit(supervisor.main(argv))
