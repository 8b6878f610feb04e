"""EfficientNet-Lite2's blocks, as tables: for its graph and for its training alike."""

from collections.abc import Iterable
from dataclasses import dataclass

STEM, HEAD = 32, 1280  # channels
FINE = "stage5_block4"  # the last block before a 32nd of the side
_STAGES = (
    # blocks, kernel, stride of the first, times wider inside, channels
    (1, 3, 1, 1, 16),
    (3, 3, 2, 6, 24),
    (3, 5, 2, 6, 48),
    (4, 3, 2, 6, 88),
    (4, 5, 1, 6, 120),
    (5, 5, 2, 6, 208),
    (1, 3, 1, 6, 352),
)


@dataclass(frozen=True, slots=True)
class Block:
    """An inverted bottleneck (Sandler et al. 2018, arXiv 1801.04381)."""

    name: str
    kernel: int  # pixels, of what convolves each channel alone
    stride: int
    entering: int  # channels
    expanded: int
    leaving: int

    @property
    def has_shortcut(self) -> bool:
        """Whether what enters is added to what leaves."""
        return self.stride == 1 and self.entering == self.leaving


def _blocks() -> Iterable[Block]:
    entering = STEM
    for stage, (blocks, kernel, stride, wider, leaving) in enumerate(_STAGES, 1):
        for number in range(1, blocks + 1):
            own = stride if number == 1 else 1
            name = f"stage{stage}_block{number}"
            yield Block(name, kernel, own, entering, entering * wider, leaving)
            entering = leaving


BLOCKS = tuple(_blocks())
