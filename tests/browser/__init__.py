"""Every page in a real Chromium, held against pandas."""
