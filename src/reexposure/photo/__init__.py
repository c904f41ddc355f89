"""The encoded picture, and one file for each container or library that it is read and written with."""
