"""Paper: pages drawn from plain words. No rows, no queries, no translation; those are the services'."""
