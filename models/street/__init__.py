"""The network that ships for streets."""
