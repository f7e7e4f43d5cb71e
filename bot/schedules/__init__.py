"""When things are sent: cadences, rhythms, working hours and holidays. Pure rules, and tables."""
