"""The command `hotshelf`: finds the commands that packages register, and loads only the one asked for."""
