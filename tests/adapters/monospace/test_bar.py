from adapters.monospace.bar import cells, lines_of
from bot.message import Bar, Segment, Shade


def test_a_bar_is_exactly_as_wide_as_it_may_be() -> None:
    parts = tuple(Segment("", weight, Shade.SOLID) for weight in (1, 1, 1, 333, 0, 7))
    assert cells(parts, 77) == "█" * 77


def test_the_legend_tells_the_parts_in_order() -> None:
    bar = Bar(
        (
            Segment("gunicorn 50 %", 2, Shade.SOLID),
            Segment("", 1, Shade.DARK),
            Segment("free", 1, Shade.EMPTY),
        )
    )
    assert lines_of(bar, 24) == ("████████████▓▓▓▓▓▓······", "█ gunicorn 50 %  · free")


def test_a_legend_without_room_goes_on_below() -> None:
    bar = Bar((Segment("gunicorn 50 %", 1, Shade.SOLID), Segment("free 50 %", 1, Shade.EMPTY)))
    assert lines_of(bar, 20) == ("██████████··········", "█ gunicorn 50 %", "· free 50 %")


def test_on_a_phone_the_legend_tells_the_first_parts_and_that_there_are_more() -> None:
    bar = Bar(tuple(Segment(f"service-{number} 25 %", 1, Shade.SOLID) for number in range(4)))
    assert lines_of(bar, 20)[1:] == ("█ service-0 25 %", "█ service-1 25 % …")
