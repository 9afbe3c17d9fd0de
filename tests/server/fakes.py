"""A supervisor that starts no process: what the real one is asked, this one remembers."""

from __future__ import annotations

from collections.abc import Callable

from everyframe.live import CameraSpec, CameraState, CameraStatus, Notice


class Still:
    """Watches nothing; stands in where only the answers of the server are tested."""

    def __init__(self) -> None:
        self.specs: dict[str, CameraSpec] = {}
        self.restarted: list[tuple[str, bool]] = []
        self.changed: list[CameraSpec] = []
        self.picture: bytes | None = b"\xff\xd8\xff\xd9"
        self.listeners: list[Callable[[Notice], None]] = []

    def add(self, spec: CameraSpec) -> None:
        self.specs[spec.name] = spec

    def remove(self, name: str) -> None:
        del self.specs[name]

    def restart(self, name: str, *, anew: bool = False) -> None:
        self.restarted.append((name, anew))

    def change(self, spec: CameraSpec) -> None:
        assert spec.name in self.specs
        self.specs[spec.name] = spec
        self.changed.append(spec)

    def statuses(self) -> dict[str, CameraStatus]:
        return {
            name: CameraStatus(
                name, CameraState.WATCHING, width=320, height=180, fps=10.0, frames=5, p_value=0.5
            )
            for name in self.specs
        }

    def preview(self, name: str) -> bytes | None:
        assert name in self.specs
        return self.picture

    def listen(self, callback: Callable[[Notice], None]) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)
