"""Other people's problem files as problems, and plans in their words. Pure: text or JSON in, text or JSON out."""
