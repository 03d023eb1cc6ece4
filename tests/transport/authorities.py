"""Certificate authorities for tests, and servers that show their certificates."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import trustme


class Authority:
    """An authority, its certificate in a file, and contexts that use it."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self._folder = folder
        self.path = str(folder / "authority.pem")
        self._authority.cert_pem.write_to_path(self.path)

    def server(self, name: str = "127.0.0.1", clients: bool = False) -> ssl.SSLContext:
        """For a server of this name; with `clients`, it asks for a client's certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(name).configure_cert(context)
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            self._authority.configure_trust(context)
        return context

    def client(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.path)
        return context

    def client_certificate(self) -> tuple[str, str, str]:
        """Paths: certificate and key in one file, certificate alone, key alone."""
        leaf = self._authority.issue_cert("someone@example.invalid")
        both, certificate, key = (self._folder / f"{name}.pem" for name in ("both", "certificate", "key"))
        leaf.private_key_and_cert_chain_pem.write_to_path(str(both))
        leaf.cert_chain_pems[0].write_to_path(str(certificate))
        leaf.private_key_pem.write_to_path(str(key))
        return str(both), str(certificate), str(key)

    def hashed(self) -> str:
        """A directory such as SSL_CERT_DIR names: the certificate under the hash of its subject."""
        made = subprocess.run(
            ["openssl", "x509", "-hash", "-noout", "-in", self.path], capture_output=True, text=True, check=True
        )
        folder = self._folder / "hashed"
        folder.mkdir()
        (folder / f"{made.stdout.strip()}.0").write_bytes(Path(self.path).read_bytes())
        return str(folder)
