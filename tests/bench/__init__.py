"""Measurements, run by ./scripts/bench. Not tests: speed never decides CI."""
