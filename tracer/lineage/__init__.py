"""Which dump was made from which: sketches of dumps, the inference of `graphs.lineage`, and its rows in words."""
