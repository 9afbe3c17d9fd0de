"""Keeping the passwords of cameras: encrypted wherever they lie on the disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from everyframe.errors import SettingError, StorageError
from everyframe.files import storage_error

KEY_VARIABLE = "EVERYFRAME_KEY"
"""The key, where it shall not lie beside what it opens."""

KEY_NAME = "everyframe.key"


class Vault:
    """Encrypts and decrypts short texts (Fernet: AES-128-CBC and HMAC-SHA-256)."""

    def __init__(self, key: str | bytes) -> None:
        try:
            self._fernet = Fernet(key)
        except ValueError:
            raise SettingError(
                f"The key that opens the cameras' passwords is none; remove {KEY_VARIABLE} or write 44 "
                "characters of base64 into it, as they are in the file "
                f"{KEY_NAME} of another data folder."
            ) from None

    def lock(self, text: str) -> str:
        """Encrypt."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, locked: str) -> str:
        """Decrypt.

        Raises:
            StorageError: It was encrypted with another key.
        """
        try:
            return self._fernet.decrypt(locked).decode()
        except InvalidToken:
            raise StorageError(
                "The address of a camera cannot be decrypted: the key is another one; "
                f"bring back the file {KEY_NAME} (or {KEY_VARIABLE}), or add the camera anew."
            ) from None


def open_vault(folder: Path, environ: Mapping[str, str] | None = None) -> Vault:
    """Open the vault of a data folder; its key is made on the first time, for the owner's eyes only.

    Args:
        folder: Where the key lies; must exist.
        environ: Environment variables; the process's own by default.

    Raises:
        SettingError: The key is none.
        StorageError: It cannot be read or written.
    """
    told = (os.environ if environ is None else environ).get(KEY_VARIABLE, "").strip()
    if told:
        return Vault(told)
    place = folder / KEY_NAME
    try:
        return Vault(place.read_bytes().strip())
    except FileNotFoundError:
        return Vault(_make_key(place))
    except OSError as error:
        raise storage_error(error, place) from error


def _make_key(place: Path) -> bytes:
    key = Fernet.generate_key()
    try:
        # Never readable for others, not even for a moment.
        descriptor = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:  # another server began at the same moment
        return place.read_bytes().strip()
    except OSError as error:
        raise storage_error(error, place) from error
    return key
