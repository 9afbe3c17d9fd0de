"""What the project is measured with; see README.md beside this file."""
