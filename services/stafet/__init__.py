"""Every folder in here is a service: it decides one thing and knows the others by their events only."""
