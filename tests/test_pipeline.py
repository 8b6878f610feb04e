"""Many files: order, one bad file among good ones, killed decoders, sessions."""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from tests.servers.quick_classifier import QuickClassifier
from xray.classify.classifier import Classifier
from xray.classify.pipeline import FEW, Outcome, Source, classify_all, process_all
from xray.errors import ImageError
from xray.explanation.render import encode_png
from xray.reading.sandbox import Decoder


def probabilities(outcome: Outcome) -> np.ndarray:
    assert outcome.error is None
    return outcome.explanation.prediction.probabilities


def test_classify_all_many_files_gives_what_each_gives_alone(
    classifier: Classifier, films: dict[str, bytes]
) -> None:
    names = list(films) * 2
    assert len(names) > FEW
    found = list(classify_all(classifier, [Source(n, films[n]) for n in names]))
    assert [outcome.name for outcome in found] == names
    for outcome in found:
        alone = classifier.explain(films[outcome.name])
        assert np.allclose(
            probabilities(outcome), alone.prediction.probabilities, atol=1e-3
        )
        label = alone.prediction.label
        assert outcome.explanation.prediction.label == label
        assert np.allclose(
            outcome.explanation.maps[label], alone.maps[label], atol=0.02
        )


@pytest.mark.parametrize(("top", "maps"), [(0, 0), (1, 1), (3, 3)])
def test_classify_all_top_says_how_many_maps(classifier, films, top, maps) -> None:
    (outcome,) = classify_all(classifier, [Source("hand", films["hand"])], top=top)
    assert len(outcome.explanation.maps) == maps
    likeliest = [part.id for part, _ in outcome.explanation.prediction.top(maps)]
    assert list(outcome.explanation.maps) == likeliest


def test_classify_all_bad_files_cost_only_themselves(
    classifier, films, tmp_path
) -> None:
    known = ImageError("empty")
    sources = [
        Source("good", films["hand"]),
        Source("empty", b""),
        Source("text", b"no picture at all"),
        Source("cut", films["hand"][:2000]),
        Source("missing", tmp_path / "none.dcm"),
        Source("known", known),
        Source("again", films["hand"]),
    ]
    found = list(classify_all(classifier, sources))
    assert [outcome.name for outcome in found] == [source.name for source in sources]
    assert [type(outcome.error) is type(None) for outcome in found] == [
        True,
        False,
        False,
        False,
        False,
        False,
        True,
    ]
    assert found[5].error is known
    assert np.array_equal(probabilities(found[0]), probabilities(found[-1]))
    for outcome in found[1:-1]:
        assert outcome.radiograph is None
        assert outcome.explanation is None


SECRET = "Ferrer^Ada"


class Stumbling(QuickClassifier):
    """Meets a mistake of ours wherever a film is so wide."""

    def explain_all(self, images: Sequence[Any], *_: Any, **__: Any):
        if images[0].pixels.shape[1] == 10:
            raise ZeroDivisionError(SECRET)
        return super().explain_all(images)


def test_classify_all_mistake_of_ours_costs_only_its_file(films, caplog) -> None:
    narrow = encode_png(np.zeros((20, 10, 3), np.uint8))
    sources = [Source("odd", narrow), Source("good", films["hand"])]
    odd, good = classify_all(Stumbling(), sources)
    assert "a mistake in xray itself (ZeroDivisionError)" in str(odd.error)
    assert good.error is None
    assert "in explain_all" in caplog.text
    assert SECRET not in caplog.text


def test_classify_all_killed_decoder_costs_only_its_file(
    classifier, films, monkeypatch
) -> None:
    decode = Decoder.decode

    def dying(decoder: Decoder, data: bytes) -> object:
        if data == films["knee"]:
            os.kill(decoder.pid, signal.SIGKILL)
        return decode(decoder, data)

    monkeypatch.setattr(Decoder, "decode", dying)
    found = classify_all(classifier, [Source(n, films[n]) for n in films], top=0)
    failed = [outcome.name for outcome in found if outcome.error is not None]
    assert failed == ["knee"]


def test_classify_all_endless_sources_are_drawn_as_they_are_used(
    classifier, films
) -> None:
    drawn = 0

    def endless() -> Iterator[Source]:
        nonlocal drawn
        while True:
            drawn += 1
            yield Source(str(drawn), films["hand"])

    results = classify_all(classifier, endless(), top=0)
    names = [next(results).name for _ in range(20)]
    assert names == [str(number + 1) for number in range(20)]
    assert drawn < 20 + 2 * (os.cpu_count() or 1) + FEW + 4
    results.close()


def test_classify_all_eight_sessions_at_once_get_their_own_results(
    classifier, films
) -> None:
    names = list(films)
    alone = {
        outcome.name: outcome.explanation.prediction.label
        for outcome in classify_all(classifier, [Source(n, films[n]) for n in names])
    }
    found: dict[int, list[tuple[str, int]]] = {}

    def session(number: int) -> None:
        order = names[number % len(names) :] + names[: number % len(names)]
        sources = [Source(name, films[name]) for name in order]
        found[number] = [
            (outcome.name, outcome.explanation.prediction.label)
            for outcome in classify_all(classifier, sources, top=0)
        ]

    threads = [threading.Thread(target=session, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    for number, pairs in found.items():
        order = names[number % len(names) :] + names[: number % len(names)]
        assert pairs == [(name, alone[name]) for name in order]


def test_process_all_finishes_on_other_threads_in_order(classifier, films) -> None:
    def finish(outcome: Outcome) -> tuple[str, str]:
        return outcome.name, threading.current_thread().name

    sources = [Source(name, films[name]) for name in films]
    found = list(process_all(classifier, sources, finish, top=0))
    assert [name for name, _ in found] == list(films)
    assert all(thread != threading.main_thread().name for _, thread in found)
