"""`luobo canary`: one thin file a verb."""
