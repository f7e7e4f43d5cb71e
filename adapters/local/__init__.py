"""The playground: Entente in a browser, with a simulated chat instead of a platform."""
