"""The napari plugin: thin widgets over `rickets_rx.review`. Only its modules import Qt and napari."""
