"""Makes model and data cards out of pages: one source, exported as other systems read them.

``sections`` is what a card has to say, ``card`` reads it from a page, ``parts`` are what the page shows of it
by itself; ``hugging_face``, ``toolkit``, ``croissant`` and ``linked_data`` say the same for others.
"""
