"""One file for each kind of chat export."""
