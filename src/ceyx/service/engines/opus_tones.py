"""Tones as packets of Opus: 20 ms of a sine each, alike however often they are repeated.

Opus has no form in which a tone could be written down by hand, as mp3 and AAC have, and an encoder is no small thing. So these
were made once, by libopus: narrow-band CELT at 10 kbit/s, without prediction, so that each packet can be decoded by itself. A
tone that is a multiple of 50 Hz ends a packet where it began.
"""

from __future__ import annotations

from base64 import b64decode

STEP = 50
"""Hertz between two tones."""
LOWEST = 150
_CELT = b"\x98"  # how a packet of mono, narrow band and 20 ms begins
_BYTES = 24
SILENCE = _CELT + b"\xff\xfe"

_PACKETS = b64decode(
    "2WjQqXEU0uRn7UzHZgfegbLmPl9hR45Bw8IXStd+RT7Z5GEBSeVZ8yKuDplch2NxwwK6o1bmBNyejVlcO5ZQn2oJvsbKww9BwwK5"
    "/X2ItupZCX+eXcc9J5wl7OtvlechwwKcdpx9xq5K2ULGydOoKST/Y4hmnuMKrW3Bp9piUe6R8dTzcMfOKMAE5hNOe5m5rW1nGz+y"
    "5YtHAtRrXErEOPMkQFdEGRGsrKeV1FWzo9LmnkIayIgWMVe5PmL8pgmhsE3u/gbtu1JUrqmcWFZDKmXcpNFl2OeYsE1sLqAW0hf4"
    "ofIhnIWZ0/1dhJllleWRr+i/swP+QBt9YQCX4IjNBnyrqUlls2uLsXIJmtNhSo9ZW1fRRwwA8oaTnEll2v+GmozNgQPCVcWvJowW"
    "5JY9oqsT5p1wO5DesW7TayIXX3fIHCG1QHFQfaaCNahZqDNA8W5UfMSLhAHhBHbU6LjJLY6kSw5q3m3BskFqYax+k2TvqteHukyk"
    "9uc895OZ0Zes8kDqHlM6uuIq3+M+eQ0O750jHyZO5E3Bx4DUq/nUj8zkHqwaf7S+4E6bL0mSum8Rx4DRKM2+bFUCC3596EjR7L+H"
    "AomSjGcKsinajHv053WnD5SIeVGIfUGEZZy5SJGY8jVy9l7lfcqo00d7jcCm8jT21FJFhO3Bx4sdkj2ur5qZfoH5UMuioGa0fizJ"
    "8ztJnNuc6AYlMnxq1/xMzvbg5sqywukyfMbHsn6m3a4jZkuwpr8KWLkeELBPwtiD7ouLsoCxgnMlm4kh8VXHxJEw6/yZ3hNSYGus"
)


def packet(frequency: float) -> bytes:
    """The packet of the tone that comes nearest to a frequency in hertz; 0 is silence."""
    if not frequency:
        return SILENCE
    highest = len(_PACKETS) // _BYTES - 1
    place = min(max(round((frequency - LOWEST) / STEP), 0), highest)
    return _CELT + _PACKETS[place * _BYTES : (place + 1) * _BYTES]
