"""Where tables and dumps meet the canaries: files are read here, so that `canaries` need not know how."""
