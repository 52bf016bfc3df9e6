"""Our own large-neighbourhood search over the schedule walker: it knows every rule that the walker knows.

Slack induction by string removals (Christiaens and Vanden Berghe 2020): strings of neighbouring stops are taken
out of a few routes and put back one by one, each at its cheapest place, under simulated annealing. A place is
first estimated from the clock of the route as it stands, and the promising ones are walked.
"""
