"""Where bulk work runs."""
