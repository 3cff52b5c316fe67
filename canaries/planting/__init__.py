"""Ways in which canaries leave the register: into exports and into databases."""
