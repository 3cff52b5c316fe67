"""The report: a case's facts become sections, and sections become PDF, HTML, JSON and XLSX."""
