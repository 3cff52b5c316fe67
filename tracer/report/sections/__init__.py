"""One file a section of the report, in the order in which a court reads them."""
