"""What platforms registered beforehand: keyed tokens of their customer tables, with their history."""
