"""All that a host can set, from a TOML file and TIHUO_* variables (which win)."""

import ipaddress
import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

ROOT = Path(__file__).resolve().parents[2]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Settings(BaseSettings):
    """Typed settings; see config/tihuo.example.toml for each one in words."""

    model_config = SettingsConfigDict(env_prefix="TIHUO_", extra="ignore", frozen=True)

    env: Literal["production", "demo", "test"] = "production"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    public_url: str = ""
    data_dir: Path = ROOT / "data"
    database_url: str = ""
    redis_url: str = ""
    keys_file: Path | None = None
    storage_url: str = ""
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    captcha_answer: str | None = None
    timezone: str = "Asia/Shanghai"
    h5_dist: Path = ROOT / "h5" / "dist"
    admin_dist: Path = ROOT / "admin" / "dist"
    database_pool: int = Field(20, ge=1, le=500)
    log_level: Literal["debug", "info", "warning", "error"] | None = None
    tries_per_card: int = Field(5, ge=1)
    tries_per_address: int = Field(60, ge=1)
    tries_per_account: int = Field(5, ge=1)
    tries_per_device: int = Field(20, ge=1)
    tries_per_merchant: int = Field(300, ge=1)
    tries_per_prefix: int = Field(30, ge=1)
    addresses_per_prefix: int = Field(5, ge=1)
    numbers_per_address: int = Field(20, ge=1)
    captcha_after: int = Field(3, ge=1)
    tries_window: int = Field(900, ge=1, description="seconds in which failed tries are counted")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        return tuple(ipaddress.ip_network(part) for part in parts if part) if isinstance(parts, list) else value

    @field_validator("public_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("public_url must start with http:// or https://")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _coherent(self) -> "Settings":
        if self.captcha_answer is not None and self.env != "test":
            raise ValueError("TIHUO_CAPTCHA_ANSWER fixes the captcha and is for TIHUO_ENV=test only")
        if self.env == "production" and not self.public_url:
            raise ValueError("public_url (TIHUO_PUBLIC_URL) is needed: it is printed on cards")
        for name in ("database_url", "redis_url"):
            if self.env == "production" and "change-me" in getattr(self, name):
                raise ValueError(f"{name} still holds the example's password change-me")
        return self

    @cached_property
    def database(self) -> str:
        """SQLAlchemy's URL; SQLite in the data folder where none is set."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'tihuo.sqlite3'}"

    @cached_property
    def keys_path(self) -> Path:
        """The file of master keys, kept outside the database (spec N)."""
        return self.keys_file or self.data_dir / "keys.json"

    @cached_property
    def origin(self) -> str:
        """Scheme and host under which customers reach us, without a slash at the end."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = os.environ.get("TIHUO_CONFIG")
        toml = (TomlConfigSettingsSource(settings_cls, Path(path)),) if path else ()
        return (init_settings, env_settings, *toml)
