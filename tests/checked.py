"""The type checker that the tests put on every function of the package."""

from beartype import BeartypeConf, beartype

# An int is welcome where a float is asked for, as everywhere in Python.
checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
