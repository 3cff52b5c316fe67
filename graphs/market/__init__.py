"""The market: chats, the adverts in them, and who makes these."""
