"""Grounding: is what the article says in the recording? Pure functions, offline, explained in words.

`units` cuts text into comparable words, `numbers` makes «сорок» and 40 the same, `fillers` names the words
that may go and `lexicon` the words that may not (a list per language: `words_ru`, `words_uk`, `words_en`),
`recording` indexes a transcript once, `matching` finds a quote in it, `clauses` says what dictionaries see
in a clause, `around`, `introductions`, `tails` and `edges` look at what was cut off, `explaining` says how
a quote differs, `guard` gives the verdict. `typed` finds the quotes people typed, and whom the text says
spoke.
`facts` (with `spotting`) and `measures` do the same for a whole draft, and `ledger` hands both to a page.
`tracing` says which lines each sentence of an article stands on. `spoken` gives a quote's words as they were
said, and `places` where a block's text stands in its Markdown, for whoever puts a quote right.
"""
