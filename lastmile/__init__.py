"""Lastmile: self-hosted dispatch for last-mile delivery."""
