"""What names a person: each file gives one kind of identifier its one writing, its test and its mask."""

from tracer.identifiers import account, bank_card, email, mask, national_id, person_name, phone, text, value

__all__ = ["account", "bank_card", "email", "mask", "national_id", "person_name", "phone", "text", "value"]
