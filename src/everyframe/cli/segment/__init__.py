"""``everyframe segment``: the class of every pixel."""

from __future__ import annotations

import typer

from everyframe.cli.options import example
from everyframe.cli.segment import evaluate, export, predict, scene, train

app = typer.Typer(
    no_args_is_help=True,
    help="Tell what each pixel of a picture shows.",
    epilog=example("everyframe segment predict street.jpg -o seen"),
)
train.register(app)
predict.register(app)
scene.register(app)
evaluate.register(app)
export.register(app)
