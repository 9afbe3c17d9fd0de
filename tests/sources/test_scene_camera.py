"""The camera's geometry is exact, and the path is a path."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from everyframe.sources.scene.camera import Camera, Path


@given(x=st.floats(-15, 15), z=st.floats(5, 60), dx=st.floats(-40, 40), dy=st.floats(-40, 40))
def test_what_is_projected_can_be_found_on_the_ground_again(x: float, z: float, dx: float, dy: float) -> None:
    camera = Camera.of_size(480, 270).moved(dx, dy)
    flat, _ = camera.project(np.array([x, 0.0, z]))
    found = camera.ground(flat[0], flat[1])
    assert np.allclose(found, (x, z), atol=1e-6)


@given(st.floats(6, 50), st.sampled_from([(480, 270), (320, 180), (160, 120)]))
def test_a_metre_across_is_focal_over_depth(z: float, size: tuple[int, int]) -> None:
    camera = Camera.of_size(*size)
    flat, depth = camera.project(np.array([[0.0, 0.0, z], [1.0, 0.0, z]]))
    assert np.isclose(flat[1, 0] - flat[0, 0], camera.focal / depth[0])


def test_walkers_are_80_px_near_and_14_px_far() -> None:
    camera = Camera.of_size(480, 270)
    near, _ = camera.project(np.array([[-3.0, 0.0, 7.2], [-3.0, 1.7, 7.2]]))
    far, _ = camera.project(np.array([[20.0, 0.0, 44.0], [20.0, 1.7, 44.0]]))
    assert 65 < near[0, 1] - near[1, 1] < 85
    assert 13 < far[0, 1] - far[1, 1] < 17


@given(st.floats(-20, 90), st.one_of(st.floats(1, 2.5), st.floats(-2.5, -1)))
def test_lengths_along_the_path_are_metres_and_asides_too(length: float, aside: float) -> None:
    path = Path()
    here, there = path.at(np.array([length, length + 0.1]))
    assert abs(np.hypot(*(there - here)) - 0.1) < 0.005
    beside = path.at(np.array([length]), aside)[0]
    assert np.isclose(np.hypot(*(beside - here)), abs(aside), atol=1e-9)
    assert abs(float(path.distance(beside[None, 0], beside[None, 1])[0]) - abs(aside)) < 0.05
