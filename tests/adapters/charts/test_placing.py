"""Labels do not lie upon one another."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from adapters.charts.placing import merged, rows, spread

HEIGHTS = st.floats(0, 300)


@given(st.lists(HEIGHTS, max_size=8))
def test_labels_are_moved_apart_within_their_bounds_and_keep_their_order(wanted: list[float]) -> None:
    placed = spread(wanted, 27, 0, 300)

    by_height = [placed[place] for place in sorted(range(len(wanted)), key=lambda place: wanted[place])]
    assert all(later - earlier >= 27 - 1e-9 for earlier, later in pairwise(by_height))
    assert all(-1e-9 <= height <= 300 + 1e-9 for height in placed)


def test_what_has_room_stays_where_it_is() -> None:
    assert spread([10, 100, 50], 27, 0, 300) == [10, 100, 50]


def test_where_there_is_no_room_labels_stand_evenly() -> None:
    assert spread([5, 5, 5], 200, 0, 100) == [0, 50, 100]


def test_a_label_goes_into_the_row_where_it_has_to_move_least() -> None:
    assert rows([0, 10, 20], [100, 60, 30], 2, 100) == [(0, 0), (1, 10), (1, 70)]


def test_a_label_that_would_stand_too_far_away_is_left_out() -> None:
    assert rows([0, 10], [500, 50], 1, 100) == [(0, 0), None]


def test_neighbours_with_the_same_words_become_one() -> None:
    assert merged([(0, "reboot"), (5, "reboot"), (9, "OOM kill"), (500, "reboot")], 40) == [
        (0, "reboot x 2"),
        (9, "OOM kill"),
        (500, "reboot"),
    ]
