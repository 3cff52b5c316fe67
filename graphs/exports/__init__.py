"""The chain in other programs' formats: one file for each."""
