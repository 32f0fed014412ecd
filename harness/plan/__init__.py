"""The plan: which scenarios a target needs, each with its expectation fixed before anything runs."""
