"""Training of the grading network (needs the extra ``train``)."""
