"""Adapters: what connects the core to platforms, the web, the shell."""
