"""How dumps, sellers and calls hang together: which dump was made from which, and through whose hands it went."""
