"""Debian's Firefox through WebDriver BiDi, with the part of Playwright's interface that the tests use."""
