"""Packed dumps: every member is read in turn, out of a file without a name, never under the name it was stored by."""
