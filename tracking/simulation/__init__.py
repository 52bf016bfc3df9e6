"""A day lived by simulated drivers: the pure model of a driver, and phones that use the public API."""
