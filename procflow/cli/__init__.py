"""The command line: one verb, one function. Shows what the library returns and computes nothing itself."""

import os
import sys

from procflow.cli.language import requested

__all__ = ["main"]

_INTERRUPTED = 130  # 128 + SIGINT, as shells count


def main() -> None:
    """Run the program on the arguments of the process; an interruption while it loads ends it in one line, too."""
    try:
        from procflow.cli.app import start

        start()
    except KeyboardInterrupt:
        word = {"en": "interrupted", "zh": "已中断"}[requested(sys.argv[1:], os.environ)]
        print(f"\n{word}", file=sys.stderr)
        sys.exit(_INTERRUPTED)
