"""Figures that compare exposures; the one part of the package that needs matplotlib."""
