"""Reports, made from a journal alone: results.json, junit.xml, summary.md, and HTML that people act on."""
