"""Model files: which there are, where they come from, how they are fetched, checked, kept and published.

catalogue   what can be had and what it is for
sources     where from, in order: Hub, mirror, GitHub release, plain address, folder
listing     asks a source for its files, their sizes and checksums
download    one file, with Range, resumed after a broken connection and after a restart
store       the folder of whole, verified models
config      what a model says of itself
card, publish   a folder becomes a repository on the Hub
"""
