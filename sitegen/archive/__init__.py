"""Makes a report into what opens in ten years: a bag with everything in it, or files that need no server.

``payload`` says what a bag holds, ``crate`` and ``citation`` describe it to machines, ``bag`` writes it and
``verify`` looks through one.
"""
