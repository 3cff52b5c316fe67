"""Tables of databases, read portion by portion in transactions that cannot write."""
