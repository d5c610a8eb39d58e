"""Review of scored films by readers: a plain session object over an append-only record, without Qt."""
