"""How good reconstructions are: cases out of HDR scenes, metrics, and a report to look at.

Needs the extra `evaluate`; its packages are imported where they are used, never before.
"""
