"""The rules, one file each: what it means, its violation codes, how each engine states it, its check."""
