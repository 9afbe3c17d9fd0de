"""https with a certificate of one's own, and one clear line where that cannot be."""

from __future__ import annotations

import ipaddress
import re
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.server.whole import Served, wait_for

from everyframe.errors import SettingError
from everyframe.server.serving import _check_pair


def make_pair(folder: Path, name: str, password: bytes | None = None) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1 that signs itself, and its key; return where."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    lock = (
        serialization.NoEncryption() if password is None else serialization.BestAvailableEncryption(password)
    )
    files = folder / f"{name}.crt", folder / f"{name}.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
    )
    return files


def test_the_server_speaks_https_and_its_cookies_are_secure(tmp_path: Path) -> None:
    certificate, key = make_pair(tmp_path, "own")
    served = Served(tmp_path, f'tls_certificate = "{certificate}"\ntls_key = "{key}"\n')
    try:
        assert served.address.startswith("https://")
        (password,) = wait_for(lambda: re.findall(r"Sign in as admin with (\S+)", served.log.read_text()))
        trusting = ssl.create_default_context(cafile=str(certificate))
        with httpx2.Client(base_url=served.address, verify=trusting, timeout=60.0) as client:

            def begun() -> httpx2.Response | None:
                try:
                    return client.post("/api/v1/session", json={"name": "admin", "password": password})
                except httpx2.ConnectError:
                    return None

            answer = wait_for(begun)
            assert answer.status_code == 200
            said = answer.headers["set-cookie"].lower()
            assert all(word in said for word in ("secure", "httponly", "samesite=strict"))
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            assert client.get("/api/v1/session").json()["name"] == "admin"
        with pytest.raises(httpx2.ConnectError, match=r"(?i)certificate"):
            httpx2.get(served.address, timeout=60.0)  # nobody vouches for it
        with pytest.raises(httpx2.TransportError):
            httpx2.get(served.address.replace("https", "http"), timeout=60.0)
    finally:
        served.end()
    assert "Traceback" not in served.log.read_text()


def test_a_pair_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path) -> None:
    certificate, key = make_pair(tmp_path, "own")
    _check_pair(str(certificate), str(key))
    _, other = make_pair(tmp_path, "other")
    locked = make_pair(tmp_path, "locked", b"secret")
    text = tmp_path / "text.pem"
    text.write_text("no certificate at all\n")
    for first, second, said in (
        (certificate, tmp_path / "none.key", r"There is no file .*none\.key for https"),
        (tmp_path / "none.crt", key, r"There is no file .*none\.crt for https"),
        (certificate, other, r"other\.key is not the key of .*own\.crt; give two files that belong"),
        (certificate, text, "in PEM form; check both files"),
        (text, key, "in PEM form; check both files"),
        (*locked, r"locked\.key is locked by a password"),
    ):
        with pytest.raises(SettingError, match=said) as caught:
            _check_pair(str(first), str(second))
        assert "\n" not in str(caught.value)


def test_serve_says_it_and_ends_with_2(tmp_path: Path) -> None:
    certificate, _ = make_pair(tmp_path, "own")
    _, other = make_pair(tmp_path, "other")
    (tmp_path / "a.toml").write_text(f'tls_certificate = "{certificate}"\ntls_key = "{other}"\nport = 0\n')
    done = subprocess.run(
        [sys.executable, "-m", "everyframe", "serve", "-c", "a.toml", "--store", "data"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    assert done.returncode == 2
    assert "is not the key of" in done.stderr
    assert "Traceback" not in done.stderr
