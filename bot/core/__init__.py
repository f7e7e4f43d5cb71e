"""Values every layer shares: ids, events, views, forms, errors, the clock and the ports."""
