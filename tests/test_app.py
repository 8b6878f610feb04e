import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.dicom_files import make_dataset, make_dicom, phantom, to_bytes
from tests.predictions import finds
from xray import __version__
from xray.classify.prediction import Prediction
from xray.classify.trust.confidence import Band
from xray.classify.trust.pose import POSES, Pose
from xray.classify.verdict import Verdict
from xray.errors import ImageError, ModelError
from xray.explanation.caption import add_caption, caption_lines
from xray.labels import BODY_PARTS, Language
from xray.messages import MESSAGES
from xray.network.card import Card
from xray.reading.radiograph import Notice
from xray.ui import model
from xray.ui.cards import PAGE
from xray.ui.dropzone import EXAMPLE_NAMES, examples
from xray.ui.history import to_csv, to_json
from xray.ui.language import file_size, percent, plain, spoken
from xray.ui.model import loaded
from xray.ui.selection import Sort
from xray.ui.session import Session
from xray.ui.texts import TEXTS

ROOT = Path(__file__).parents[1]
FILMS = ROOT / "tests" / "films"
HISTORY, ABOUT, RADIOGRAPHS = (
    f"pages/{name}.py" for name in ("history", "about", "radiographs")
)


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


def state(app: AppTest) -> Session:
    found: Session = app.session_state["session"]
    return found


def drop(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    uploads = [(name, data, "application/octet-stream") for name, data in files]
    app.file_uploader[0].set_value(uploads).run()
    while state(app).waiting:
        app.run()
    assert not app.exception
    return app


def film(name: str) -> bytes:
    return (FILMS / f"{name}.jpg").read_bytes()


def png(pixels: np.ndarray, mode: str | None = None) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels, mode).save(file, "PNG")
    return file.getvalue()


def dicom_of(name: str, **tags: object) -> bytes:
    pixels = np.asarray(Image.open(io.BytesIO(film(name))).convert("L"))
    return make_dicom(pixels.astype(np.uint16), **tags)


def words(app: AppTest) -> str:
    """Everything written on the page, Markdown escapes taken out."""
    kinds = (app.markdown, app.text, app.caption, app.title, app.subheader)
    boxes = (app.info, app.warning, app.error)
    texts = [each.value for kind in (*kinds, *boxes) for each in kind]
    texts += [each.label for each in app.expander]
    return "\n".join(texts).replace("\\", "")


def text(key: str, language: Language = "en", **values: object) -> str:
    return TEXTS[key].text(language).format(**values)


def files(app: AppTest) -> list[str]:
    return [entry.file for entry in state(app).films]


def test_example_button_shows_each_film_with_part_confidence_and_map(
    app: AppTest,
) -> None:
    app.button(key="example").click().run()
    assert files(app) == list(EXAMPLE_NAMES)
    for entry in state(app).films:
        assert f"**{entry.part.english}**" in words(app)
        assert percent(entry.prediction.confidence) in words(app)
        assert entry.band.word() in words(app)
    assert [entry.part.english for entry in state(app).films] == [
        "Hand",
        "Pelvis",
        "Knee",
    ]


def test_drop_answers_as_the_classifier_does(app: AppTest) -> None:
    drop(app, *((name, film(name)) for name in ("knee", "ankle", "foot")))
    direct = loaded().predict([film(name) for name in ("knee", "ankle", "foot")])
    for entry, prediction in zip(state(app).films, direct, strict=True):
        assert np.allclose(
            entry.prediction.probabilities, prediction.probabilities, atol=0.02
        )


def test_drop_gives_the_uploader_its_memory_back(app: AppTest) -> None:
    drop(app, ("knee.jpg", film("knee")))
    assert app.file_uploader[0].value == []


def test_drop_is_taken_though_its_page_was_left_at_once(app: AppTest) -> None:
    uploads = [("knee.jpg", film("knee"), "application/octet-stream")]
    app.file_uploader[0].set_value(uploads)
    app.switch_page(HISTORY).run()
    while state(app).waiting:
        app.run()
    assert files(app) == ["knee.jpg"]
    assert not app.exception


def test_drop_changes_the_session_under_its_lock(app: AppTest) -> None:
    tab = state(app)
    changes: list[tuple[int, int]] = []

    class Watched:
        """A lock that notes how many drops there were as it was taken and let go."""

        def __enter__(self) -> None:
            self.before = len(tab.dropped)

        def __exit__(self, *_error: object) -> None:
            changes.append((self.before, len(tab.dropped)))

    tab.lock = Watched()  # type: ignore[assignment]
    uploads = [("knee.jpg", film("knee"), "application/octet-stream")]
    app.file_uploader[0].set_value(uploads).run()
    assert changes[0] == (0, 1)


def test_clear_forgets_what_is_still_to_be_queued(app: AppTest) -> None:
    state(app).dropped.append(("knee.jpg", film("knee")))
    app.button(key="clear").click().run()
    assert not state(app).waiting
    assert files(app) == []


# Bad input: a clear message or a right answer, never a traceback


def _truncated() -> bytes:
    whole = png(np.arange(64 * 64, dtype=np.uint8).reshape(64, 64))
    return whole[: len(whole) // 2]


def _without_pixels() -> bytes:
    dataset = make_dataset(phantom())
    del dataset.PixelData
    return to_bytes(dataset)


REFUSED: dict[str, Callable[[], bytes]] = {
    "empty.png": lambda: b"",
    "text.dcm": lambda: b"This is no DICOM file, only its name says so.\n" * 20,
    "truncated.png": _truncated,
    "nothing.dcm": _without_pixels,
}
READ: dict[str, Callable[[], bytes]] = {
    "color.png": lambda: png(np.stack([np.eye(90, dtype=np.uint8) * 255] * 3, -1)),
    "deep.png": lambda: png((np.eye(90) * 65535).astype(np.uint16)),
    "dot.png": lambda: png(np.full((1, 1), 128, np.uint8)),
    "black.png": lambda: png(np.zeros((80, 60), np.uint8)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_unreadable_file_is_named_and_never_stops_the_others(
    app: AppTest, name: str
) -> None:
    drop(app, (name, REFUSED[name]()), ("hand.jpg", film("hand")))
    (problem,) = state(app).problems
    assert isinstance(problem.error, ImageError)
    assert files(app) == ["hand.jpg"]
    assert name in words(app)
    assert problem.error.text("en") in words(app)


def test_many_unreadable_files_do_not_stand_before_the_results(app: AppTest) -> None:
    def is_open() -> bool:
        title = text("problems", number=len(state(app).problems))
        (listed,) = (each for each in app.expander if each.label == title)
        assert all(each.file in words(app) for each in state(app).problems)
        return bool(listed.proto.expanded)

    drop(app, *((f"{number}.txt", b"%d" % number) for number in range(4)))
    assert is_open()  # nothing else is there
    drop(app, ("hand.jpg", film("hand")), ("a.txt", b"a"), ("b.txt", b"b"))
    assert is_open()
    wrong = ((f"{number}.txt", b"%d" % number) for number in range(4))
    drop(app, ("knee.jpg", film("knee")), *wrong)
    assert not is_open()


@pytest.mark.parametrize("name", READ)
def test_unusual_picture_gets_its_own_answer(app: AppTest, name: str) -> None:
    data = READ[name]()
    drop(app, ("hand.jpg", film("hand")), (name, data))
    assert not state(app).problems
    entry = state(app).films[1]
    assert entry.file == name
    (direct,) = loaded().predict([data])
    assert entry.prediction.rejected == direct.rejected
    assert np.allclose(entry.prediction.probabilities, direct.probabilities, atol=0.02)


def test_two_files_of_one_name_never_share_a_result(app: AppTest) -> None:
    drop(app, ("film.jpg", film("knee")), ("film.jpg", film("hand")))
    assert files(app) == ["film.jpg", "film (2).jpg"]
    parts = [entry.part.english for entry in state(app).films]
    direct = loaded().predict([film("knee"), film("hand")])
    assert parts == [each.part.english for each in direct]
    assert parts[0] != parts[1]


def test_same_content_twice_is_one_result_and_said(app: AppTest) -> None:
    drop(app, ("a.jpg", film("knee")), ("b.jpg", film("knee")))
    assert files(app) == ["a.jpg"]
    assert text("repeat", file="b.jpg", first="a.jpg") in words(app)
    drop(app, ("c.jpg", film("knee")))
    assert files(app) == ["a.jpg"]
    assert text("repeat", file="c.jpg", first="a.jpg") in words(app)


def test_zip_brings_all_its_films_and_names_the_bad_one(app: AppTest) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("study/knee", film("knee"))
        archive.writestr("study/notes.txt", "no picture")
        archive.writestr("hand.jpg", film("hand"))
    drop(app, ("study.zip", packed.getvalue()))
    assert files(app) == ["study.zip / knee", "study.zip / hand.jpg"]
    assert [each.file for each in state(app).problems] == ["study.zip / notes.txt"]


def test_outside_text_is_shown_as_it_stands(app: AppTest) -> None:
    name = "![x](http://elsewhere.example/p.png) **a** <b> $x$ :red[y].jpg"
    drop(app, (name, film("knee")), ("`" + name, b""))
    shown = [each.value for each in (*app.caption, *app.markdown)]
    assert not any("](" in each or "<b>" in each for each in shown)


# Sidebar


@pytest.fixture
def five(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Five films on the page, and a network that may not run again."""
    names = ("knee", "hand", "pelvis", "shoulder", "chest")
    drop(app, *((f"{name}.jpg", film(name)) for name in names))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network ran again")

    for way in ("forward", "activations"):
        monkeypatch.setattr(loaded().engine, way, refuse)
    return app


def cards(app: AppTest) -> list[str]:
    """Files of the cards on the page, in their order."""
    keys = [each.key or "" for each in app.button]
    history = state(app).history
    opens = [key for key in keys if key.startswith("open-")]
    return [history[key.removeprefix("open-")].file for key in opens]


def test_no_control_runs_the_network_again(five: AppTest) -> None:
    five.slider(key="opacity").set_value(80).run()
    five.slider(key="columns").set_value(2).run()
    five.toggle(key="maps").set_value(False).run()
    five.selectbox(key="palette").select_index(2).run()
    five.selectbox(key="sort").select_index(1).run()
    five.button(key="hide-all").click().run()
    assert cards(five) == []
    five.button(key="show-all").click().run()
    five.segmented_control(key="mode").set_value("single").run()
    five.segmented_control(key="layout").set_value("beside").run()
    five.button(key="next").click().run()
    five.segmented_control(key="language").set_value("es").run()
    assert not five.exception
    assert len(state(five).films) == 5
    assert not state(five).problems
    drop(five, ("foot.jpg", film("foot")))  # what does run it meets the refusal
    (problem,) = state(five).problems
    assert isinstance(problem.error, ImageError)
    assert problem.error.key == "program_error"


def test_filter_by_body_part_and_band_narrows_the_grid(five: AppTest) -> None:
    knee = next(film for film in state(five).films if film.file == "knee.jpg")
    five.multiselect(key="parts").set_value([knee.part.id]).run()
    assert cards(five) == [
        film.file for film in state(five).films if film.part.id == knee.part.id
    ]
    five.multiselect(key="parts").set_value([]).run()
    five.pills(key="bands").set_value([knee.band]).run()
    assert cards(five) == [
        film.file for film in state(five).films if film.band is knee.band
    ]


def test_sort_by_doubt_puts_the_least_sure_first(five: AppTest) -> None:
    five.selectbox(key="sort").set_value(Sort.DOUBTFUL).run()
    sure = {film.file: film.prediction.confidence for film in state(five).films}
    assert cards(five) == sorted(sure, key=lambda file: sure[file])


def test_hide_takes_one_card_away_and_show_all_brings_it_back(five: AppTest) -> None:
    key = state(five).shown[1]
    five.button(key=f"hide-{key}").click().run()
    assert len(cards(five)) == 4
    assert text("hidden_one") in words(five)
    five.button(key="show-all").click().run()
    assert len(cards(five)) == 5


def test_map_button_turns_one_map_against_the_rest(five: AppTest) -> None:
    key = state(five).shown[0]
    five.button(key=f"map-{key}").click().run()
    assert state(five).turned == {key}
    five.toggle(key="maps").set_value(False).run()
    assert not state(five).turned


def test_open_large_shows_that_film_and_arrows_step(five: AppTest) -> None:
    second = state(five).films[1]
    five.button(key=f"open-{second.key}").click().run()
    assert five.subheader[0].value == second.part.english
    assert text("position", position=2, total=5) in words(five)
    five.button(key="previous").click().run()
    assert state(five).current == state(five).films[0].key
    assert five.button(key="previous").disabled


def test_number_of_columns_is_asked_for_where_there_are_some(five: AppTest) -> None:
    five.slider(key="columns").set_value(2).run()
    five.segmented_control(key="mode").set_value("single").run()
    assert five.slider(key="columns").disabled
    five.button(key="back").click().run()
    assert not five.slider(key="columns").disabled
    assert five.slider(key="columns").value == 2


def test_single_view_maps_another_of_the_five(five: AppTest) -> None:
    first = state(five).films[0]
    five.button(key=f"open-{first.key}").click().run()
    chooser = five.selectbox(key=f"map-of-{first.key}")
    assert len(chooser.options) == 5
    chooser.select_index(3).run()
    assert not five.exception


def test_single_view_states_facts_and_nothing_of_the_patient(app: AppTest) -> None:
    data = dicom_of(
        "knee", PatientName="Ferrer^Ada", PatientID="X77", StudyDate="20200102"
    )
    drop(app, ("film.dcm", data))
    app.segmented_control(key="mode").set_value("single").run()
    shown = words(app)
    assert "MONOCHROME2" in shown
    assert "DICOM" in shown
    for secret in ("Ferrer", "X77", "20200102"):
        assert secret not in shown
        assert secret not in to_csv(state(app).films, "m")
        assert secret not in to_json(state(app).films, "m")


# Notices, comparison of parts


def explain(app: AppTest, **changes: object) -> None:
    """Change what is said of the only film of the page, and draw it anew."""
    (entry,) = state(app).films
    explanation: Any = replace(entry.explanation, **changes)  # type: ignore[arg-type]
    state(app).history.find(entry.key, explanation)
    app.run()


def warnings_of(app: AppTest) -> str:
    return "\n".join(each.value for each in app.warning).replace("\\", "")


@pytest.mark.parametrize("shape", [(20_000, 33), (33, 20_000)])
def test_a_strip_of_one_pixel_in_the_square_is_shown(app: AppTest, shape) -> None:
    strip = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    drop(app, ("strip.png", png(strip)))
    assert files(app) == ["strip.png"]
    app.segmented_control(key="mode").set_value("single").run()
    for layout in ("over", "beside", "versus", "off"):
        app.segmented_control(key="layout").set_value(layout).run()
        assert not app.exception


def test_what_only_says_how_a_film_was_read_is_no_warning(app: AppTest) -> None:
    drop(app, ("chest.jpg", film("chest")))
    app.segmented_control(key="mode").set_value("single").run()
    (entry,) = state(app).films
    kept = state(app).history.picture(entry.key)
    assert kept is not None
    notices = (Notice("middle_frame", {"frame": 2, "frames": 3}), Notice("burned_in"))
    state(app).history.add(replace(entry, notices=notices), kept)
    app.run()
    (told,) = app.info
    said = "Frame 2 of 3 is shown"
    assert said in told.value
    assert MESSAGES["burned_in"].english.split(":")[0] in warnings_of(app)
    assert said not in warnings_of(app)


def test_empty_map_is_said_to_be_empty(app: AppTest) -> None:
    drop(app, ("chest.jpg", film("chest")))
    app.segmented_control(key="mode").set_value("single").run()
    assert MESSAGES["map_empty"].english not in warnings_of(app)
    (entry,) = state(app).films
    empty = np.zeros((8, 8), np.float32)
    explain(app, maps=dict.fromkeys(entry.explanation.maps, empty))
    assert MESSAGES["map_empty"].english in warnings_of(app)
    app.segmented_control(key="language").set_value("es").run()
    assert MESSAGES["map_empty"].spanish in warnings_of(app)
    app.segmented_control(key="layout").set_value("off").run()
    assert not app.warning


def test_compare_names_the_winner_and_the_part_chosen(five: AppTest) -> None:
    first = state(five).films[0]
    five.button(key=f"open-{first.key}").click().run()
    five.segmented_control(key="layout").set_value("versus").run()
    winner, second, third = list(first.explanation.maps)[:3]

    def title(other: int) -> str:
        names = BODY_PARTS[winner].english, BODY_PARTS[other].english
        return text("versus_title", first=names[0], second=names[1])

    assert title(second) in words(five)
    five.selectbox(key=f"map-of-{first.key}").set_value(third).run()
    assert title(third) in words(five)
    assert text("speaks_for", part=BODY_PARTS[third].english) in words(five)
    assert not five.exception


def test_clear_empties_the_page_and_history_survives(five: AppTest) -> None:
    five.button(key="clear").click().run()
    assert text("lead") in words(five)
    five.switch_page(HISTORY).run()
    assert len(state(five).history) == 5
    assert "knee.jpg" in words(five)
    five.switch_page(RADIOGRAPHS).run()
    drop(five, ("again.jpg", film("knee")))  # from the history, not the network
    assert files(five) == ["knee.jpg"]


def test_pages_and_language_lose_nothing(five: AppTest) -> None:
    five.slider(key="opacity").set_value(80).run()
    five.selectbox(key="sort").set_value(Sort.PART).run()
    five.switch_page(HISTORY).run()
    five.segmented_control(key="language").set_value("es").run()
    five.switch_page(ABOUT).run()
    five.switch_page(RADIOGRAPHS).run()
    assert not five.exception
    assert five.slider(key="opacity").value == 80
    assert five.selectbox(key="sort").value == Sort.PART
    assert len(cards(five)) == 5
    knee = next(film for film in state(five).films if film.file == "knee.jpg")
    assert f"**{knee.part.spanish}**" in words(five)


def test_grid_shows_24_a_page(app: AppTest) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (PAGE + 3, 24, 24), np.uint8)
    drop(app, *((f"{i}.png", png(each)) for i, each in enumerate(noise)))
    assert len(cards(app)) == PAGE
    app.session_state["grid-page"] = 2
    app.run()
    assert cards(app) == ["24.png", "25.png", "26.png"]


# Header against picture


def test_dicom_gets_the_header_verdict_and_its_filter(app: AppTest) -> None:
    drop(
        app,
        ("right.dcm", dicom_of("knee", BodyPartExamined="KNEE")),
        ("wrong.dcm", dicom_of("pelvis", BodyPartExamined="SKULL")),
        ("plain.jpg", film("hand")),
    )
    shown = words(app)
    assert "header agrees" in shown
    assert "header disagrees" in shown
    toggle = app.toggle(key="disagreeing")
    assert toggle.label == text("header_disagrees", number=1)
    toggle.set_value(True).run()
    assert cards(app) == ["wrong.dcm"]
    app.switch_page(HISTORY).run()
    assert "header disagrees" in words(app)


# History


def test_history_filters_by_text(five: AppTest) -> None:
    five.switch_page(HISTORY).run()
    five.text_input(key="past-text").set_value("should").run()
    shown = words(five)
    assert "shoulder.jpg" in shown
    assert "knee.jpg" not in shown


def test_history_compares_selected_films(five: AppTest) -> None:
    five.switch_page(HISTORY).run()
    for key in state(five).shown[:2]:
        five.checkbox(key=f"chosen-{key}").check().run()
    assert text("compare") in words(five)
    five.button(key="compare-clear").click().run()
    assert text("compare_hint") in words(five)
    assert not any(
        five.checkbox(key=f"chosen-{key}").value for key in state(five).shown
    )


def test_history_deletes_one_and_then_all(five: AppTest) -> None:
    five.switch_page(HISTORY).run()
    first = state(five).shown[0]
    five.button(key=f"delete-{first}").click().run()
    assert first not in state(five).history
    assert len(state(five).history) == 4
    five.button(key="delete-all").click().run()
    assert text("history_empty") in words(five)
    five.switch_page(RADIOGRAPHS).run()
    assert files(five) == []


def test_film_that_another_run_deletes_is_left_out(five: AppTest) -> None:
    first, second, *_ = state(five).shown
    state(five).chosen += [first, second]
    state(five).history.remove(first)  # the rest of it is still to go
    for page in (HISTORY, RADIOGRAPHS):
        five.switch_page(page).run()
        assert not five.exception
    assert len(files(five)) == 4


def test_exports_read_back(five: AppTest) -> None:
    entries = state(five).films
    rows = list(csv.DictReader(io.StringIO(to_csv(entries, "model 1"))))
    assert [row["file"] for row in rows] == files(five)
    assert [int(row["class"]) for row in rows] == [each.part.id for each in entries]
    records = json.loads(to_json(entries, "model 1"))
    for record in records:
        assert sum(record["probabilities"]) == pytest.approx(1, abs=1e-4)
        assert BODY_PARTS[record["class"]].english == record["label"]


# Words


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_fill_in_the_same_values(key: str) -> None:
    def places(language: Language) -> set[str]:
        pattern = TEXTS[key].text(language)
        return {part[1:].split("}")[0] for part in pattern.split("{") if "}" in part}

    assert places("en") == places("es")


def test_spanish_page_has_no_english_sentence(app: AppTest) -> None:
    app.segmented_control(key="language").set_value("es").run()
    app.button(key="example").click().run()
    shown = words(app)
    english = [each.english for each in TEXTS.values() if len(each.english) > 12]
    spanish = {each.spanish for each in TEXTS.values()}
    assert not [each for each in english if each in shown and each not in spanish]


def test_error_messages_are_shown_in_spanish(app: AppTest) -> None:
    app.segmented_control(key="language").set_value("es").run()
    drop(app, ("nada.png", b""))
    assert MESSAGES["empty"].spanish in words(app)


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0 %"), (0.001, "< 1 %"), (0.5, "50 %"), (0.9996, "> 99 %"), (1.0, "100 %")],
)
def test_percent_never_rounds_to_certainty(share: float, shown: str) -> None:
    assert percent(share) == shown.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (999, "999 B"), (11_264, "11 KB"), (200 * 2**20, "200.0 MB")],
)
def test_file_size_is_never_rounded_to_nothing(size: int, shown: str) -> None:
    assert file_size(size) == shown


def test_plain_text_has_no_markdown_left() -> None:
    assert plain("a *b*\n[c](d) :red[e]") == r"a \*b\* \[c\]\(d\) \:red\[e\]"


def test_spoken_text_is_words_only() -> None:
    assert spoken("![x](http://a) left_hand.png **b**") == "x http a left hand png b"


def test_examples_are_credited() -> None:
    credits = (ROOT / "xray/ui/examples/CREDITS.md").read_text(encoding="utf-8")
    for name, data in examples():
        assert data
        assert name in credits


# The picture that had to go, rejection, several parts


def test_film_whose_picture_had_to_go_is_still_shown(app: AppTest) -> None:
    state(app).history.limit = 1
    drop(app, ("knee.jpg", film("knee")))
    app.segmented_control(key="mode").set_value("single").run()
    assert text("only_thumbnail") in words(app)
    state(app).history.limit = 10**9
    drop(app, ("again.jpg", film("knee")))
    assert text("only_thumbnail") not in words(app)
    assert files(app) == ["knee.jpg"]
    assert not app.exception


def test_caption_of_a_download_is_in_the_language_of_the_page(
    app: AppTest, monkeypatch
) -> None:
    lazy = {}

    def download_button(_label: str, data: Any, **words: object) -> bool:
        lazy[words["key"]] = data
        return False

    monkeypatch.setattr("streamlit.download_button", download_button)
    drop(app, ("knee.jpg", film("knee")))
    app.segmented_control(key="mode").set_value("single").run()
    app.segmented_control(key="language").set_value("es").run()
    png = lazy["download-picture"]()  # as Streamlit does: when no script runs
    shown = np.asarray(Image.open(io.BytesIO(png)))
    (entry,) = state(app).films
    lines = caption_lines(entry.prediction, entry.part.id, loaded().version, "es")
    assert np.array_equal(shown, add_caption(shown[: entry.facts.height], lines))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, "no indicada"),
        ({"BodyPartExamined": "KNEE"}, "KNEE"),
        ({"StudyDescription": "Knee of Jane Doe"}, "en una descripción, (0008,1030)"),
    ],
)
def test_header_facts_say_where_a_claim_was_read(app: AppTest, tags, expected) -> None:
    drop(app, ("knee.dcm", dicom_of("knee", **tags)))
    app.segmented_control(key="mode").set_value("single").run()
    app.segmented_control(key="language").set_value("es").run()
    shown = words(app)
    assert expected in shown.split(text("fact_header", "es"))[1].split("\n")[1]
    assert "Jane" not in shown


@pytest.mark.parametrize("language", ["en", "es"])
def test_header_facts_tell_projection_and_side(app: AppTest, language) -> None:
    tags = {"ViewPosition": "AP", "Laterality": "L", "SeriesDescription": "Doe: LAT R"}
    drop(app, ("knee.dcm", dicom_of("knee", **tags)))
    app.segmented_control(key="mode").set_value("single").run()
    app.segmented_control(key="language").set_value(language).run()
    shown = words(app)
    assert "frontal · AP · (0018,5101)" in shown
    left, right = text("side_L", language), text("side_R", language)
    assert f"{left} (0020,0060) · {right} (0008,103E)" in shown
    assert "Doe" not in shown


def test_side_that_a_part_should_have_is_said_to_be_missing(app: AppTest) -> None:
    drop(app, ("chest.dcm", dicom_of("chest")), ("knee.dcm", dicom_of("knee")))
    app.segmented_control(key="mode").set_value("single").run()
    assert text("fact_side") not in words(app)
    app.button(key="next").click().run()
    assert f"{text('fact_side')}]]  \n{text('fact_header_none')}" in words(app)


def test_projection_is_judged_on_the_page_where_findings_were_asked(
    app: AppTest,
) -> None:
    drop(app, ("knee.dcm", dicom_of("knee", ViewPosition="AP")))
    (entry,) = state(app).films
    word = Verdict.DISAGREE.word_of_projection()
    assert word not in words(app)
    explain(app, prediction=finds(entry.prediction, "lateral"))
    app.toggle(key="findings").set_value(True).run()
    assert word in words(app)
    app.segmented_control(key="language").set_value("es").run()
    assert Verdict.DISAGREE.word_of_projection("es") in words(app)


def test_film_deleted_while_its_gif_is_drawn_leaves_none(
    app: AppTest, monkeypatch
) -> None:
    drop(app, ("knee.jpg", film("knee")))
    app.segmented_control(key="mode").set_value("single").run()

    def animate(*_words: object) -> bytes:
        state(app).forget(state(app).shown[0])
        return b"GIF89a"

    monkeypatch.setattr("xray.ui.single.animate", animate)
    app.button(key="gif").click().run()
    assert not state(app).movies
    assert not app.exception


def test_map_of_what_is_not_judged_is_for_those_who_ask(app: AppTest) -> None:
    black = png(np.zeros((80, 60), np.uint8))
    drop(app, ("black.png", black), ("knee.jpg", film("knee")))
    rejected, judged = state(app).films
    icons = {key: app.button(key=f"map-{key}").icon for key in state(app).shown}
    assert icons[rejected.key] == ":material/layers:"
    assert icons[judged.key] == ":material/layers_clear:"
    app.button(key=f"map-{rejected.key}").click().run()
    icon = app.button(key=f"map-{rejected.key}").icon
    assert icon == ":material/layers_clear:"
    app.switch_page(HISTORY).run()
    for key in state(app).shown:
        app.checkbox(key=f"chosen-{key}").check().run()
    assert not app.exception


def test_rejected_picture_shows_the_reason_in_place_of_a_color(app: AppTest) -> None:
    drop(app, ("black.png", png(np.zeros((80, 60), np.uint8))))
    (entry,) = state(app).films
    reason = entry.prediction.rejected
    assert reason is not None
    shown = words(app)
    assert MESSAGES[reason].english in shown
    assert entry.part.english in shown
    assert not any(f"{band.icon} " in shown for band in Band)
    app.switch_page(HISTORY).run()
    assert text("rejected") in words(app)


def test_film_with_several_parts_names_them_all(app: AppTest) -> None:
    drop(app, ("hand.jpg", film("hand")))
    probabilities = np.zeros(22, np.float32)
    probabilities[[9, 21]] = 0.6, 0.4
    explain(app, prediction=Prediction(probabilities, part_threshold=0.3))
    assert "**Hand + Wrist**" in words(app)


@pytest.mark.parametrize("pose", POSES[1:], ids=lambda pose: pose.key)
def test_card_says_how_a_film_lies_that_was_read_otherwise(
    app: AppTest, pose: Pose
) -> None:
    drop(app, ("hand.jpg", film("hand")))
    (entry,) = state(app).films
    said = {code: text(f"change_{pose.key}", code) for code in ("en", "es")}
    assert said["en"] not in words(app)
    explain(app, prediction=replace(entry.prediction, pose=pose))
    assert f"{said['en']}]" in words(app)
    app.segmented_control(key="language").set_value("es").run()
    assert f"{said['es']}]" in words(app)


def test_gif_is_offered_and_kept(app: AppTest) -> None:
    drop(app, ("hand.jpg", film("hand")))
    app.segmented_control(key="mode").set_value("single").run()
    app.button(key="gif").click().run(timeout=120)
    (gif,) = state(app).movies.values()
    assert gif.startswith(b"GIF8")
    app.run()
    assert list(state(app).movies.values()) == [gif]


# About


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Card]], None]:
    """Say where the page has its card from."""
    return lambda read: monkeypatch.setattr(model, "model_card", read)


def card_of(**figures: object) -> Card:
    return Card(Path("x.json"), "x", "0" * 64, "densenet201", figures=figures)


def test_about_page_reads_well_without_any_figure(app: AppTest, show) -> None:
    show(card_of)
    app.switch_page(ABOUT).run()
    assert not app.exception
    assert text("not_measured") in words(app)
    assert text("about_warning") in words(app)
    assert f"xray {__version__}" in words(app)


def test_about_page_shows_the_figures_of_the_card(app: AppTest, show) -> None:
    share = {"value": 0.973, "low": 0.955, "high": 0.988, "films": 348}
    bands = {
        "high": {"films": 300, "share": 0.86, "error_rate": 0.004},
        "medium": {"films": 48, "share": 0.14, "error_rate": 0.2},
        "low": {"films": 0, "share": 0.0, "error_rate": None},
    }
    classes = [
        {"class": part.english, "films": 3, "recall": 1.0, "precision": None}
        for part in BODY_PARTS
    ]
    figures = {
        "command": "python -m xray evaluate data --fold 0",
        "accuracy": {
            "films": 348,
            "patients": 154,
            "any_label": share,
            "classes": classes,
            "confusion": np.eye(22, dtype=int).tolist(),
        },
        "calibration": {"bands": bands, "expected_calibration_error": 0.012},
        "changes": {
            "rotated_90": {"any_label": 0.95, "points_lost": 2.3, "rejected": 0.01}
        },
        "strangers": {
            "noise": {"pictures": 8, "rejected": 8, "a_body_part_in_green": 0}
        },
    }
    show(lambda: card_of(splits={"fold 0": figures}))
    app.switch_page(ABOUT).run()
    assert not app.exception
    assert app.metric[0].value == "97.3 %"
    assert text("band_measured", share="86.0 %", wrong="0.4 %") in words(app)
    assert len(app.dataframe[0].value) == len(BODY_PARTS)
    assert figures["command"] in [each.value for each in app.code]


def test_damaged_model_is_said_in_words(app: AppTest, show) -> None:
    def broken() -> Card:
        raise ModelError("Expected the model card. Restore it from the repository.")

    show(broken)
    app.switch_page(ABOUT).run()
    assert not app.exception
    assert "Restore it from the repository" in words(app)
