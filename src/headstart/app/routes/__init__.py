"""The HTTP routes of the app, a module for each kind of thing."""
