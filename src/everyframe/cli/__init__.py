"""The command line: it parses, calls, and prints. ``everyframe --help`` says the rest."""

from everyframe.cli.app import main

__all__ = ["main"]
