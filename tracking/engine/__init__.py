"""What a stream of fixes means: pure, ordered small steps over a typed state."""
