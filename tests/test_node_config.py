import pytest

from tests.servers.nodes import ANYBODY, pacs, rule, settings
from xray.cli import main
from xray.errors import ConfigError
from xray.node.config import read_config
from xray.node.destinations.dicom import DicomDestination
from xray.node.status import explain_config

WEBHOOK = (
    '[[destination]]\nname = "app"\nkind = "webhook"\n'
    'url = "https://app.example/x"\nsecret_file = "secret"\n'
)


def test_settings_are_read_with_paths_beside_the_file(tmp_path):
    config = read_config(
        settings(
            tmp_path,
            '[[peer]]\nae_title = "CR1"\naddress = "10.0.0.0/24"\n',
            pacs(4242, commitment=True),
            '[[peer]]\nae_title = "ORTHANC"\n',
            rule(["sr"], ["pacs"], 'verdict = ["disagree"]\nbody_part = ["HAND"]'),
            report="comprehensive-3d",
        )
    )
    assert config.spool == tmp_path / "spool"
    assert config.report == "comprehensive-3d"
    (destination,) = config.destinations
    assert isinstance(destination, DicomDestination)
    assert destination.commitment
    text = "\n".join(explain_config(config))
    assert "may send: CR1 from 10.0.0.0/24" in text
    assert "verdict disagree, part Hand: sr to pacs" in text
    assert "comprehensive-3d SR" in text


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], r"at least one \[\[peer\]\]"),
        ([ANYBODY, "[[peer]]"], "Expected ae_title"),
        (['[[peer]]\nae_title = "A"\naddress = "10.0"'], "10.0.0.0/24"),
        ([ANYBODY, pacs(1), pacs(2)], "one name twice"),
        ([ANYBODY, rule(["sr"], ["nowhere"])], "Received: nowhere"),
        ([ANYBODY, pacs(1), rule(["record"], ["pacs"])], "sr, heatmap, copy"),
        ([ANYBODY, pacs(1), rule(["all"], ["pacs"])], "Received: 'all'"),
        ([ANYBODY, pacs(1), rule([], ["pacs"])], "isn't empty"),
        ([ANYBODY, pacs(1), rule(["sr"], ["pacs"], 'body_part = ["Tail"]')], "Hand"),
        (
            [ANYBODY, pacs(1), rule(["sr"], ["pacs"], "max_confidence = 2")],
            "from 0 to 1",
        ),
        ([ANYBODY, pacs(1), rule(["sr"], ["pacs"], 'when = "x"')], "Received: when"),
        ([ANYBODY, pacs(0)], "from 1 to 65535"),
        ([ANYBODY, pacs(1, ae_title="A TITLE THAT IS TOO LONG")], "ASCII"),
        ([ANYBODY, pacs(1, kind="ftp")], "one of dicom"),
        (['[[peer]]\nae_title = "CR1"\n', pacs(1, commitment=True)], "calls back"),
        ([ANYBODY, WEBHOOK], "a file that exists"),
        ([ANYBODY, "[extra]"], "Received: extra"),
        (["peer = 3", ANYBODY], "Received: peer"),
        ([ANYBODY, "[[rule]\n"], "Correct that line"),
    ],
)
def test_settings_that_can_not_be_say_what_to_change(lines, said, tmp_path):
    with pytest.raises(ConfigError, match=said):
        read_config(settings(tmp_path, *lines))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", 70000),
        ("port", "104"),
        ("keep_free_gib", True),
        ("report", "basic"),
        ("ae_title", ""),
        ("spool", 3),
        ("typo", 1),
    ],
)
def test_a_wrong_value_of_the_node_is_named(name, value, tmp_path):
    with pytest.raises(ConfigError, match=name):
        read_config(settings(tmp_path, ANYBODY, **{name: value}))


def test_a_missing_file_and_a_missing_node_are_named(tmp_path):
    with pytest.raises(ConfigError, match="--config"):
        read_config(tmp_path / "none.toml")
    (tmp_path / "empty.toml").write_text("")
    with pytest.raises(ConfigError, match=r"\[node\]"):
        read_config(tmp_path / "empty.toml")


def test_tls_needs_certificate_and_key_and_url_no_password(tmp_path):
    (tmp_path / "secret").write_text("0123456789abcdef")
    with pytest.raises(ConfigError, match="certificate"):
        read_config(settings(tmp_path, '[node.tls]\nauthorities = "secret"', ANYBODY))
    secret = WEBHOOK.replace("https://", "https://user:secret@")
    with pytest.raises(ConfigError, match="without a password") as refused:
        read_config(settings(tmp_path, ANYBODY, secret))
    assert "user:secret" not in str(refused.value)


# pynetdicom leaves a socket that could not connect to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("sockets_let_go")
def test_check_explains_and_says_which_pacs_does_not_answer(tmp_path, capsys):
    config = settings(tmp_path, ANYBODY, pacs(1), rule(["sr"], ["pacs"]))
    assert main(["node", "--config", str(config), "--check"]) == 1
    said = capsys.readouterr().out
    assert "rule pacs: always: sr to pacs" in said
    assert "pacs: unreachable" in said


def test_an_error_in_the_settings_is_one_line(tmp_path, capsys):
    assert main(["node", "--config", str(settings(tmp_path)), "--check"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: Expected at least one [[peer]]")
    assert said.count("\n") == 1
