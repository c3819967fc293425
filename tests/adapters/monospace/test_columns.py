import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.monospace.columns import GUTTER, fit, shortened
from bot.message import Align, Column

NAME = Column("name")
DETAIL = Column("detail", elastic=True)
SIZE = Column("size", Align.RIGHT)
METHOD = Column("method", dispensable=2)
ADVICE = Column("advice", dispensable=1)
COLUMNS = (NAME, DETAIL, SIZE, METHOD, ADVICE)
NATURAL = (10, 40, 8, 12, 20)


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (100, {0: 10, 1: 40, 2: 8, 3: 12, 4: 20}),
        (90, {0: 10, 1: 32, 2: 8, 3: 12, 4: 20}),
        (80, {0: 10, 1: 36, 2: 8, 4: 20}),
        (60, {0: 10, 1: 38, 2: 8}),
        (40, {0: 10, 1: 18, 2: 8}),
    ],
)
def test_detail_shrinks_first_then_the_most_dispensable_columns_go(
    width: int, widths: dict[int, int]
) -> None:
    assert fit(COLUMNS, NATURAL, width) == widths


def test_of_columns_as_dispensable_as_each_other_the_last_goes() -> None:
    assert fit((METHOD, METHOD), (30, 30), 50) == {0: 25}


def test_one_overlong_name_costs_nobody_a_column() -> None:
    assert fit((NAME, SIZE, METHOD), (300, 8, 12), 80) == {0: 40, 1: 8, 2: 12}


def test_an_elastic_column_takes_all_the_room_there_is() -> None:
    assert fit((SIZE, DETAIL), (8, 300), 100) == {0: 8, 1: 90}


def test_the_last_dispensable_column_is_cramped_before_it_goes() -> None:
    cramped = Column("command", elastic=True, dispensable=1)
    assert fit((NAME, cramped), (10, 100), 30) == {0: 10, 1: 18}
    assert fit((NAME, cramped), (10, 100), 27) == {0: 10}


def test_room_that_a_wide_column_leaves_goes_to_the_best_that_fits() -> None:
    command = Column("command", elastic=True, dispensable=1)
    frees, share, user = (Column("", Align.RIGHT, dispensable=rank) for rank in (2, 3, 4))
    columns = (NAME, frees, share, user, command)
    assert fit(columns, (20, 13, 5, 4, 100), 30) == {0: 20, 2: 5}
    assert fit(columns, (20, 15, 13, 4, 100), 34) == {0: 20}


def test_on_a_telephone_words_are_cut_to_half_its_width() -> None:
    assert fit((NAME, SIZE, SIZE), (22, 7, 6), 34) == {0: 17, 1: 7, 2: 6}


@given(
    st.lists(
        st.tuples(
            st.builds(
                Column,
                st.just("t"),
                st.sampled_from(Align),
                dispensable=st.integers(0, 3),
                elastic=st.booleans(),
            ),
            st.integers(0, 200),
        ),
        min_size=1,
        max_size=9,
    ),
    st.integers(20, 200),
)
def test_columns_fit_unless_only_short_words_and_numbers_are_left(
    measured: list[tuple[Column, int]], width: int
) -> None:
    columns, natural = zip(*measured, strict=True)

    widths = fit(columns, natural, width)

    too_wide = sum(widths.values()) + GUTTER * (len(widths) - 1) > width
    assert not too_wide or not any(columns[place].dispensable for place in widths)
    assert not too_wide or all(widths[p] <= 20 for p in widths if columns[p].align is Align.LEFT)
    assert all(
        widths[p] == natural[p] for p in widths if columns[p].align is Align.RIGHT and not columns[p].elastic
    )
    assert all(p in widths for p, column in enumerate(columns) if not column.dispensable)


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (100, "slab 61 MiB, tables 9"),
        (20, "slab 61 MiB, tables…"),
        (19, "slab 61 MiB, table…"),
        (11, "slab…"),
        (7, "slab…"),
        (3, "sl…"),
    ],
)
def test_text_is_never_cut_inside_a_number(width: int, shown: str) -> None:
    assert shortened("slab 61 MiB, tables 9", width) == shown


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("96 of 961 MiB (10 %)", 17, "96 of 961 MiB…"),
        ("96 of 961 MiB (10 %)", 19, "96 of 961 MiB…"),
        ("96 of 961 MiB (10 %)", 10, "96 of…"),
        ("uses ~123 MiB", 9, "uses…"),
        ("uses ~123 MiB", 12, "uses…"),
        ("~123 MiB", 4, "…"),
        ("-128", 3, "…"),
        ("96/961 MiB", 6, "…"),
        ("rss=12345 kB", 8, "rss…"),
        ("web-12.example.org", 7, "web…"),
        ("python3.11 -m gunicorn", 14, "python3.11 -m…"),
        ("1.5 GiB of cache", 8, "1.5 GiB…"),
        ("no figures, none", 12, "no figures,…"),
    ],
)
def test_nothing_of_a_torn_number_is_left(text: str, width: int, shown: str) -> None:
    assert shortened(text, width) == shown


def test_a_wide_character_that_does_not_fit_is_left_out() -> None:
    assert shortened("日本語", 4) == "日…"
