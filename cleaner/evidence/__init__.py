"""Evidence: what tells boilerplate where no rule names it, weighed line by line."""
