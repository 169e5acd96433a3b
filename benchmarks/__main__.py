"""`python -m benchmarks quick`: every figure in under three minutes, beside what it depends on."""

import sys

from benchmarks import booking, db, importer, report

USAGE = "usage: python -m benchmarks quick"


def main(arguments: list[str]) -> int:
    """Returns 1 when a figure falls below its gate."""
    if arguments != ["quick"]:
        print(USAGE, file=sys.stderr)
        return 2
    with db.throw_away() as server:
        machine = db.describe(server)
        print("  ".join(f"{name}={value}" for name, value in machine.items()), flush=True)
        figures = [*booking.run(server), *importer.run(server)]
    for figure in figures:
        print(figure)
    print(f"kept in {report.write(machine, figures)}")
    return 0 if all(figure.passes for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
