"""What users read of an error."""


def one_line(error: BaseException) -> str:
    """The error's text on one line, or its type where it has none."""
    return " ".join(str(error).split()) or type(error).__name__


class MissingDecoderError(Exception):
    """A format that needs something that is not installed."""
