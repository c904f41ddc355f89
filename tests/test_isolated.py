"""Work in a process of its own: what takes it down does not take the others down."""

import os

import pytest

from reexposure.many.isolated import Isolated


def begin(given):
    """What the process is asked: it dies of "die", and otherwise says what it was given, and by whom."""

    def work(word):
        if word == "die":
            os._exit(3)
        if word == "sleep":
            import time

            time.sleep(60)
        return given, word, os.getpid()

    return work


@pytest.mark.slow
def test_a_process_that_dies_is_an_error_and_the_next_call_has_a_new_one():
    isolated = Isolated(begin, "given", limit_s=20)
    try:
        first = isolated("one")
        assert first[:2] == ("given", "one")
        assert isolated("two") == ("given", "two", first[2])
        assert first[2] != os.getpid()
        with pytest.raises(RuntimeError, match="died"):
            isolated("die")
        assert isolated("three")[2] != first[2]
    finally:
        isolated.close()


@pytest.mark.slow
def test_what_takes_too_long_is_given_up():
    isolated = Isolated(begin, "given", limit_s=20)
    try:
        isolated("one")
        isolated.limit_s = 0.1
        with pytest.raises(RuntimeError, match="gave up after"):
            isolated("sleep")
    finally:
        isolated.close()
