"""A dump too long for memory: divided by people, looked at part by part, and answered for as one."""
