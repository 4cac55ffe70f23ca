"""A desk's own names and terms: found in what was heard, laid over it visibly, learned from corrections.

`matching` is pure text → proposals; `automation.pipeline.glossary` puts them into the journal.
"""
