"""Published networks as further eyes: by name, with their weights checked, run with ONNX Runtime only.

``resnet18`` and its like are torchvision's, ``timm/<model>`` is any of timm's. PyTorch, torchvision and timm
are needed to make the network that runs (``making.prepare``), never to run it (``eyes.open_eyes``).
"""

from everyframe.vision.backbones.eyes import Eyes, Identity, folder, open_eyes

__all__ = ["Eyes", "Identity", "folder", "open_eyes"]
