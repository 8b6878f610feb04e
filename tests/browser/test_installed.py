"""The page as the wheel serves it, in a folder that knows nothing of the checkout."""

from tests.browser.conftest import Tab, serve
from tests.wheel import install_wheel


def test_installed_app_answers_an_example(browser, tmp_path, tmp_path_factory) -> None:
    scripts = install_wheel(tmp_path_factory.mktemp("installed"))
    with serve(tmp_path, (str(scripts / "xray"), "app", "--")) as address:
        tab = Tab(browser, address)
        page = tab.open()
        page.get_by_role("button", name="Try an example").click()
        page.locator('[class*="st-key-cards"] img').first.wait_for()
        tab.open("/about")
        page.get_by_text("CC BY-NC-SA 4.0").first.wait_for()
        tab.close()
