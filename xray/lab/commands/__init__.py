"""The laboratory's commands: a module a command."""
