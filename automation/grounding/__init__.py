"""Grounding: is what the article says in the recording? Pure functions, offline, explained in words.

`units` cuts text into comparable words, `numbers` makes «сорок» and 40 the same, `lexicon` (with its
`wordlists`) names the words that may go and the words that may not, `recording` indexes a transcript once,
`matching` finds a quote in it, `edges` and `introductions` look at what was cut off, `explaining` says how a
quote differs, `guard` gives the verdict. `typed` finds the quotes people typed, and whom the text says spoke.
`facts` (with `spotting`) and `measures` do the same for a whole draft, and `ledger` hands both to a page.
`tracing` says which lines each sentence of an article stands on.
"""
