"""The type checker that the tests put on every function of the package."""

from beartype import BeartypeConf, beartype

# An int is welcome where a float is asked for, as everywhere in Python.
CHECK = beartype(conf=BeartypeConf(is_pep484_tower=True))


def checked(function):
    """Check the arguments of ``function``, unless they are OpenImageIO's own objects.

    beartype keeps every class that it has checked, for as long as Python runs, and OpenImageIO prints what is kept of
    it at exit.
    """
    return function if "OpenImageIO" in str(function.__annotations__) else CHECK(function)
