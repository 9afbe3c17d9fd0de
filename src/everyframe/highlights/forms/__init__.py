"""Forms of feeds: which column says what."""

from everyframe.highlights.forms.form import FIELDS, Form, guessed, known_form, read_form

__all__ = ["FIELDS", "Form", "guessed", "known_form", "read_form"]
