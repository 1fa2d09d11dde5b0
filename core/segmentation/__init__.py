"""From a picture to writing: ink, lines and pieces, each step kept as data that a page can show."""
