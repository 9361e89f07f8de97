"""Every page in a real browser, held against pandas."""
