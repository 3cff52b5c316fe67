"""Invented customers planted in an export, so that a leak names the recipient it came through."""
