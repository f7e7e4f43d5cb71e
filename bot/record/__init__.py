"""An alliance's record as a whole: what `export` gives, and the file that moves an alliance."""
