"""The commands: a module each, called as the command is, whose ``main`` does what was asked and prints."""
