"""Measuring: labelled sets, the field's measures of accuracy, and speed. It knows of no detector."""
