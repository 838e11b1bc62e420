"""colorsys"""

import colorsys


def test_there_and_back():
    assert colorsys.rgb_to_hsv(1, 0, 0) == (0.0, 1.0, 1) and colorsys.hsv_to_rgb(0.5, 1, 1) == (0.0, 1, 1)
    assert colorsys.rgb_to_hls(0, 0, 1) == (2 / 3, 0.5, 1.0) and colorsys.hls_to_rgb(0, 1, 0) == (1, 1, 1)
    assert [round(part, 6) for part in colorsys.yiq_to_rgb(*colorsys.rgb_to_yiq(0.2, 0.4, 0.6))] == [0.2, 0.4, 0.6]
