"""Says what differs between two runs, or between two sites: settings, columns, numbers, slices and samples.

``reading`` reads either as ``editions``, ``matching`` joins their tables, ``slices`` compares shares with
``intervals``, ``compare`` puts it together as ``findings``, ``words`` prints it, and ``report`` makes a site.
"""
