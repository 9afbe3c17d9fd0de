"""``python -m everyframe`` is the same as ``everyframe``."""

from everyframe.cli import main

if __name__ == "__main__":
    main()
