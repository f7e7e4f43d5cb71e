"""What an alliance, or one partner in it, says holds: statements and their versions."""
