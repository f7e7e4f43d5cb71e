"""Stand-ins for the platforms, which tests start and bots talk to over the network."""
