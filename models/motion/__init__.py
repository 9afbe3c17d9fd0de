"""The network for motion: drawn people, and what is learned from them."""
