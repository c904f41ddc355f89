"""Radiance map files: one module per family of formats."""
