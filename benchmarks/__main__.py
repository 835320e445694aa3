"""The benchmarks' command line.

``python -m benchmarks NAME [--json] [--save]``, NAME being one of ``BENCHMARKS``, and
``python -m benchmarks waiting FILE…``.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import analysis, cold, detection, logs, permit, recovery, scale, stream, timers, waiting, warm
from benchmarks.machine import machine

RESULTS = Path(__file__).parent / "results"
BENCHMARKS = {
    "permit": permit,
    "scale": scale,
    "stream": stream,
    "cold": cold,
    "warm": warm,
    "analysis": analysis,
    "detection": detection,
    "logs": logs,
    "recovery": recovery,
    "timers": timers,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one benchmark and print what was found; ``--save`` keeps it in ``benchmarks/results``."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == ["waiting"]:
        waiting.main(words[1:])
        return
    options = _parser().parse_args(words)
    chosen = BENCHMARKS[options.benchmark]
    before = machine()
    found = chosen.measure(options.cases or chosen.CASES, options.repetitions or chosen.REPETITIONS)
    result = {"benchmark": options.benchmark, **found, "machine": before}
    print(json.dumps(result) if options.json else _listing(result))
    if options.save:
        save(result, RESULTS)


def save(result: dict[str, Any], folder: Path) -> Path:
    """Write a result to a folder, under the benchmark's name and the day."""
    path = folder / f"{result['benchmark']}-{result['machine']['date']}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return path


def _listing(result: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {json.dumps(value)}" for name, value in result.items())


def _positive(word: str) -> int:
    if (number := int(word)) < 1:
        raise argparse.ArgumentTypeError(f"{word} is less than 1")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure how fast procflow is; 'waiting FILE…' measures how well it splits waiting.",
    )
    parser.add_argument("benchmark", choices=BENCHMARKS)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--save", action="store_true", help=f"keep the result in {RESULTS.name}/, with the machine")
    parser.add_argument("--cases", type=_positive, help="cases of a run, by default as documented")
    parser.add_argument("--repetitions", type=_positive, help="runs of each side, of which medians are taken")
    return parser


if __name__ == "__main__":
    main()
