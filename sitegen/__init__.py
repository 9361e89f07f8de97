"""sitegen turns artifacts, Markdown content and a theme into a static site of interactive pages."""

__version__ = "0.1.0"
