"""What an advert says: whether it is one, what it sells, and to whom one should write."""
