"""A long dump: divided by people, looked at part by part, and answered for as one."""
