#!/usr/bin/env python
"""Django's command line for the portal."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ektp_portal.settings")
    if sys.argv[1:2] == ["portal"]:  # makes the keys and addresses that the settings need, so it cannot wait for them
        from ektp_portal.supervisor import main as run_portal

        sys.exit(run_portal(sys.argv[2:]))
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from environs import EnvValidationError

    try:
        import ektp_portal.settings  # noqa: F401 - a wrong variable is said in a line, not in a stack of calls
    except EnvValidationError as error:
        wrong = (
            error.error_messages if isinstance(error.error_messages, dict) else {"environment": error.error_messages}
        )
        sys.exit("\n".join(f"{name}: {' '.join(map(str, reasons))}" for name, reasons in wrong.items()))
    except ImproperlyConfigured as error:
        sys.exit(f"{error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
