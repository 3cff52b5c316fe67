"""Exhibits: files whose digest was taken before anything read them."""
