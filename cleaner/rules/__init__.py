"""Rules as data: what a rule is, how packs are loaded and checked, and how many rules become one matcher."""
