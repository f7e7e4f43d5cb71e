"""The `entente` command."""
