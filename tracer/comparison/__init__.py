"""A dump beside one clear table: which record is whose row, by weights learned without labels."""
