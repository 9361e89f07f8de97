"""Takes a site to where people read it: GitHub Pages, a folder, another machine, a store of objects, Netlify.

``publication`` says what is published, ``preflight`` what a host would refuse or slow down, ``branch`` pushes
it, ``workflow`` lets GitHub build it, and ``hosts`` writes what the others want.
"""
