"""Benchmarks: each compares variants within one run, so that its ratios hold on any machine."""
