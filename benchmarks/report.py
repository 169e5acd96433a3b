"""One line a figure, and all of them as JSON for those who compare machines or months."""

import json
import statistics
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """`ours` against `base`, both per second, one pair per round; `floor`: the ratio below which something broke."""

    name: str
    ours: list[float]
    base: list[float]
    floor: float

    @property
    def ratios(self) -> list[float]:
        """Of each round's own pair, never of medians from different minutes."""
        return [ours / base for ours, base in zip(self.ours, self.base, strict=True)]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def passes(self) -> bool:
        return self.ratio >= self.floor

    def __str__(self) -> str:
        return (
            f"{self.name:34} ours={statistics.median(self.ours):8.0f}/s base={statistics.median(self.base):8.0f}/s "
            f"ratio={self.ratio:5.2f} [{min(self.ratios):.2f}..{max(self.ratios):.2f}] gate={self.floor:.2f} "
            f"{'PASS' if self.passes else 'FAIL'} rounds={len(self.ratios)}"
        )


def write(machine: dict[str, str], figures: list[Figure]) -> Path:
    """Keep the figures under `benchmarks/results/`, named by the time."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}.json"
    content = {"machine": machine, "figures": [asdict(each) | {"ratio": each.ratio} for each in figures]}
    file.write_text(json.dumps(content, indent=2) + "\n")
    return file
