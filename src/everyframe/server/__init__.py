"""The web page and the API: who may see what the cameras found, and say what it was."""
