"""Documents in, quoted answers out."""
