"""Studies that need several parts of the package at once: the project's own validation, films with readings.

They lie here and not in `rickets_rx.agreement`, so that the statistics need neither phantoms nor networks,
and so that nothing a user scores with imports a study. Only the command line imports this folder.
"""
