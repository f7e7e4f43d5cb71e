"""Who is who: organisations, workspaces, alliances, partners, channels, members, accounts, roles,
consent, opt-outs, and the trail of who changed what."""
