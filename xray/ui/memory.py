"""The server's memory, and what searching it for garbage costs."""

import gc


def settle() -> None:
    """Let go of garbage, and take what is left out of later searches.

    Streamlit searches the whole process after each run of a page's script: a tenth of
    a second, most of it for modules that never go, while every thread waits. What is
    taken out but dies later, such as a closed tab, goes when this is called again.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
