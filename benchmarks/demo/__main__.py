"""Train an RMI on real keys, check it, time it against its rivals, and draw what it learned."""

import argparse
import sys
from collections.abc import Sequence


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.demo", description=__doc__)
    parser.add_argument("--out", default="demo.png", help="where the picture goes")
    parser.add_argument("--keys", metavar="FILE.npy", help="your own keys instead of Gaia's")
    parser.add_argument("--quick", action="store_true", help="small sizes: a smoke test, no result")
    return parser.parse_args(arguments)


def run(chosen: argparse.Namespace) -> int:
    """Tell the story and draw the picture; imports happen here, so that a Ctrl-C is caught."""
    from benchmarks.contenders.contender import not_installed
    from benchmarks.contenders.library import library_missing
    from benchmarks.demo.story import tell

    if reason := library_missing():
        print(f"learnedidx is {reason}", file=sys.stderr)
        return 1
    story = tell(chosen.keys, quick=chosen.quick)
    if not_installed("matplotlib", ""):
        print("no picture: pip install matplotlib")
        return 0
    from benchmarks.demo.picture import draw

    draw(story, chosen.out)
    print(f"picture: {chosen.out}")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; a Ctrl-C or a bad file ends it with one line."""
    chosen = parse(arguments)
    try:
        return run(chosen)
    except KeyboardInterrupt:
        print("\nstopped before the end: no picture was written", file=sys.stderr)
        return 130
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
