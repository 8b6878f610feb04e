"""`xray blend`: the weighted mean of several runs' weights."""

import argparse
from dataclasses import replace
from pathlib import Path


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "blend",
        help="average the weights of several runs",
        description="Write the weighted mean of weights that were trained from the "
        "same start, as: xray blend 0.6=a/best.npz 0.4=b/best.npz --out c.npz",
    )
    parser.add_argument(
        "parts", nargs="+", type=_part, metavar="SHARE=FILE", help="share and weights"
    )
    parser.add_argument("--out", type=Path, required=True, help="weights to write")
    parser.add_argument(
        "--small", action="store_true", help="keep large kernels in 8 bits"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ...network.backbones import find_backbone
    from ...network.card import Training, make_card, write_card
    from ...network.weights import write_weights
    from ..training.blend import blend

    weights = blend(arguments.parts)
    write_weights(arguments.out, weights, arguments.small)
    card = make_card(arguments.out, find_backbone(weights))
    parts = ", ".join(f"{share:g} × {path.name}" for share, path in arguments.parts)
    write_card(replace(card, training=Training(how={"recipe": f"blend of {parts}"})))
    return 0


def _part(text: str) -> tuple[float, Path]:
    share, _, path = text.partition("=")
    return float(share), Path(path)
