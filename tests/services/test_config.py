"""The files in config/ say what the program does."""

import os
import re
import tomllib
from pathlib import Path

import pytest

from tihuo.settings import Settings

CONFIG = Path(__file__).resolve().parents[2] / "config"
EXAMPLE = CONFIG / "tihuo.example.toml"


@pytest.fixture(autouse=True)
def _no_settings_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TIHUO_")]:
        monkeypatch.delenv(name)


def test_the_example_names_every_setting() -> None:
    named = set(re.findall(r"^(?:# )?(\w+) = ", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
    assert named == set(Settings.model_fields)


def test_the_example_loads_once_its_passwords_are_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "tihuo.toml"
    changed.write_text(EXAMPLE.read_text(encoding="utf-8").replace("change-me", "s3cret"), encoding="utf-8")
    monkeypatch.setenv("TIHUO_CONFIG", str(changed))
    settings = Settings()
    assert settings.env == "production"
    assert settings.database == "mysql+aiomysql://tihuo:s3cret@127.0.0.1:3306/tihuo"
    assert [str(network) for network in settings.trusted_proxies] == ["127.0.0.1/32", "::1/128"]


def test_the_example_itself_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIHUO_CONFIG", str(EXAMPLE))
    with pytest.raises(ValueError, match="change-me"):
        Settings()


def test_the_defaults_shown_are_the_defaults() -> None:
    shown = "\n".join(
        line.removeprefix("# ")
        for line in EXAMPLE.read_text(encoding="utf-8").splitlines()
        if re.match(r"# \w+ = [\d\"]", line)
    )
    without_example = {"keys_file", "storage_url", "h5_dist", "admin_dist", "captcha_answer", "log_level"}
    for name, value in tomllib.loads(shown).items():
        if name not in without_example:
            assert Settings.model_fields[name].default == value, name
