"""A page that says and shows how well a network tells the pixels of pictures apart."""

from everyframe.vision.dense.report.page import write_report
from everyframe.vision.dense.report.pictures import Sample

__all__ = ["Sample", "write_report"]
