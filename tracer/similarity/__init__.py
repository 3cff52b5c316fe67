"""How much of one dump is in another: Jaccard and containment of the people they are about."""
