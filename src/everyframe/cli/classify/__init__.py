"""``everyframe classify``: learning to tell what pictures show, and telling it."""

from __future__ import annotations

import typer

from everyframe.cli.classify.predict import predict
from everyframe.cli.classify.train import train
from everyframe.cli.options import example

app = typer.Typer(
    no_args_is_help=True,
    help="Learn to tell what pictures show, from a folder for each class, and tell it.",
    epilog=example("everyframe classify predict insects.onnx new"),
)
app.command(epilog=example("everyframe classify train insects -o insects.onnx"))(train)
app.command(epilog=example("everyframe classify predict insects.onnx new"))(predict)
