"""Which record is which registered customer, and do its other values agree?"""
