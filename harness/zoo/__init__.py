"""The zoo: the reference shop with one known bug each, which the judge must find by name."""
