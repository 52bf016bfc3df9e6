"""What other units are in ours: metres, grams, cubic centimetres. Exact by the international yard and pound of 1959."""

MILE_M = 1609.344
POUND_G = 453.59237
CUBIC_FOOT_CM3 = 28_316.846592
