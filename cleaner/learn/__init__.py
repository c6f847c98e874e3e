"""Packs for sites, made of what the sites repeat: from many pages to rules that a person reads, checks and changes.

A corpus is read once and laid on disk by site; then each site is looked at by itself: what repeats is counted, weighed, generalised as
far as the evidence goes, and written as an ordinary pack.
"""
