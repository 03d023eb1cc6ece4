"""TLS for the service: an authority that lives as long as the service, and a certificate of its for this machine's own names."""

from __future__ import annotations

import os
import ssl
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

NAMES = ("localhost", "127.0.0.1", "::1")


class Authority:
    """Its own key is never written anywhere, so nobody else can make certificates with it; a start makes another one."""

    def __init__(self, ca_file: str | Path | None, host: str) -> None:
        """Writes the authority's certificate to `ca_file`, or to a temporary file; the server's is also for `host`.

        Raises ModuleNotFoundError without trustme, OSError where the file cannot be written.
        """
        try:
            import trustme
        except ModuleNotFoundError as error:
            message = "TLS needs trustme, which is not installed: pip install 'ceyx[tls]'"
            raise ModuleNotFoundError(message, name=error.name) from error

        authority = trustme.CA(organization_name="ceyx local service", organization_unit_name="throw-away authority")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.set_alpn_protocols(["http/1.1"])
        authority.issue_cert(*dict.fromkeys((*NAMES, host))).configure_cert(self.context)
        self._temporary = ca_file is None
        if ca_file is None:
            handle, ca_file = mkstemp(prefix="ceyx-ca-", suffix=".pem")
            os.close(handle)
        self.ca_file = Path(ca_file).absolute()
        """The certificate that clients must trust, in PEM."""
        try:
            self.ca_file.write_bytes(authority.cert_pem.bytes())
        except OSError as error:
            message = f"the authority's certificate cannot be written to {str(self.ca_file)!r}: {error.strerror}"
            raise OSError(error.errno, message) from None

    def close(self) -> None:
        """Removes the file, if it was a temporary one."""
        if self._temporary:
            with suppress(OSError):
                self.ca_file.unlink()


TRUST = (  # what makes programs trust a file with a certificate, by language
    ("Python", "SSL_CERT_FILE={ca}", "and REQUESTS_CA_BUNDLE={ca} for azure-identity and requests"),
    ("Node.js", "NODE_EXTRA_CA_CERTS={ca}", ""),
    ("Go", "SSL_CERT_FILE={ca}", "on Linux"),
    (".NET", "SSL_CERT_FILE={ca}", "on Linux; elsewhere import it into the user's root certificates"),
    (
        "Java",
        "keytool -importcert -noprompt -alias ceyx -file {ca} -keystore ceyx.p12 -storepass changeit",
        "then java -Djavax.net.ssl.trustStore=ceyx.p12 -Djavax.net.ssl.trustStorePassword=changeit",
    ),
    ("curl", "curl --cacert {ca}", ""),
)
