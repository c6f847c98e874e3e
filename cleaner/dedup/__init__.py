"""Near-duplicates: inside a document and across all documents of a run, every flag verified exactly."""
