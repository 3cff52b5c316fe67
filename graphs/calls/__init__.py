"""Call lists and text messages, as phones, exchanges and carriers write them."""
