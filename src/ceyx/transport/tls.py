"""TLS contexts: made once a process for each setting, as loading the system's certificates takes 10 ms or more."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Any


def context(verify: Any, cert: Any) -> ssl.SSLContext:
    """The TLS context for `verify` and `cert` (see `Connecting`). Errors name the file that cannot be used."""
    if isinstance(verify, ssl.SSLContext):
        return verify
    if not isinstance(verify, bool | str | os.PathLike):
        raise TypeError(f"verify is True, False, the path of a CA bundle or an ssl.SSLContext, got {type(verify).__name__}")
    named = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")  # a change of these makes another context
    authorities = verify if isinstance(verify, bool) else os.fspath(verify)
    return _made(authorities, tuple(cert) if isinstance(cert, list) else cert, named)


@lru_cache(maxsize=16)
def _made(verify: bool | str, cert: Any, named: tuple[str | None, ...]) -> ssl.SSLContext:
    if isinstance(verify, str):
        trusted = Path(verify)
        if not trusted.exists():
            raise FileNotFoundError(f"verify names a CA bundle that does not exist: {verify!r}")
        try:
            made = ssl.create_default_context(
                cafile=verify if trusted.is_file() else None, capath=verify if trusted.is_dir() else None
            )
        except ssl.SSLError as error:
            raise ValueError(f"verify names a file without certificates: {verify!r} ({error.reason})") from error
    elif verify:
        made = ssl.create_default_context()
        if not (made.cert_store_stats()["x509_ca"] or _directory_of_certificates()):
            import certifi  # an image without certificates of its own

            made.load_verify_locations(certifi.where())
    else:
        made = ssl.create_default_context()
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if cert is not None:
        chain: tuple[Any, ...] = (cert,) if isinstance(cert, str | os.PathLike) else tuple(cert)
        for file in chain[:2]:
            if file is not None and not Path(file).exists():
                raise FileNotFoundError(f"cert names a file that does not exist: {os.fspath(file)!r}")
        try:
            made.load_cert_chain(*chain)
        except ssl.SSLError as error:
            reason = error.reason or "see that it holds a certificate and its key, in PEM"
            raise ValueError(f"cert cannot be used: {os.fspath(chain[0])!r} ({reason})") from error
    made.set_alpn_protocols(["http/1.1"])
    return made


def _directory_of_certificates() -> bool:
    """Whether OpenSSL has a directory to look in; certificates there are loaded when needed, so no statistic counts them."""
    directory = ssl.get_default_verify_paths().capath
    return directory is not None and any(entry.is_file() for entry in Path(directory).iterdir())
