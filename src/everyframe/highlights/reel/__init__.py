"""A reel: the stretches worth seeing, cut from footage into one film."""
