"""`luobo case …`: the acts of a case, one thin file each."""
