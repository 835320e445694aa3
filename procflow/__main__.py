"""``python -m procflow``: the command line, for where the ``procflow`` script is not on the path."""

from procflow.cli import main

main()
