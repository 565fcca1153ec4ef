"""The suite of the memtable reads what its program prints."""

from benchmarks.suites import memtable

SAID = """put, random/skip list/8.00
put, random/learnedidx/2.00
bare find/std::set/5.00
bare find/learnedidx/1.00
put, random/skip list/9.00
"""


def test_numbers_are_read_by_verb_with_the_memtable_first() -> None:
    numbers = memtable.read(SAID)
    assert list(numbers["put, random"].items()) == [
        ("learnedidx", [2.0]),
        ("skip list", [8.0, 9.0]),
    ]
    assert numbers["bare find"] == {"learnedidx": [1.0], "std::set": [5.0]}


def test_every_verb_has_a_cell_and_rivals_that_the_program_names() -> None:
    program = (memtable.SOURCE / "memtable.cpp").read_text()
    for verb, floors in memtable.FLOORS.items():
        assert f'{verb.lstrip("0123456789")}"' in program
        assert all(f'"{rival}"' in program for rival in floors)
