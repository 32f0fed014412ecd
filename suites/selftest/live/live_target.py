"""The shop as a target whose vendor is live, and a second emulator that plays that vendor."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from suites.selftest.acceptance.command import REPOSITORY, SHOP
from suites.selftest.target_files import SHOPS_CHECKOUT

APP_ID = "199999164"
BROWSER_HOSTS = ("turing.captcha.qcloud.com", "turing.captcha.gtimg.com", "global.turing.captcha.gtimg.com")
VERDICT_HOST = "captcha.tencentcloudapi.com"
HOSTS = (*BROWSER_HOSTS, VERDICT_HOST)
TARGET = f"""\
[target]
name = "shop-live"
start = "{{python}} -m uvicorn app:app --host 127.0.0.1 --port {{port}} --log-level warning --timeout-keep-alive 75"
cwd = "{SHOP}"
ready = "/healthz"

[target.env]
HTTPS_PROXY = "{{lab.proxy}}"
SSL_CERT_FILE = "{{lab.ca_file}}"
SHOP_DATABASE_URL = "sqlite:///{{lab.dir}}/shop.db"
CAPTCHA_APP_ID = "{{provider.app_id}}"
CAPTCHA_APP_SECRET = "{{provider.app_secret}}"
CAPTCHA_SECRET_ID = "{{provider.secret_id}}"
CAPTCHA_SECRET_KEY = "{{provider.secret_key}}"

[provider]
app_id = "{APP_ID}"
credentials = {{ app_secret = "LIVE_APP_SECRET", secret_id = "LIVE_SECRET_ID", secret_key = "LIVE_SECRET_KEY" }}

[provider.live]
consent = "captchaos may ask this vendor"
hosts = {json.dumps(HOSTS)}
solve = "flows.py:solve"
ca = "vendor.pem"

[provider.live.resolve]
RESOLVE

""" + SHOPS_CHECKOUT
# What an owner knows of the vendor's test challenge; here it is the emulator's puzzle.
SOLVE = '''

async def solve(page, behaviour):
    """Drag the vendor's puzzle into its gap."""
    from harness.providers.tencent_web.human import SliderHuman

    async def mark(_what):
        pass

    human = SliderHuman()
    await human.challenge_visible(page)
    await human.solve(page, behaviour, mark)
'''


def written(folder: Path, *changes: tuple[str, str], port: int = 1) -> Path:
    """Write the target file and its flows; each old text of ``changes`` is replaced, and must be there."""
    text = TARGET.replace("RESOLVE", "\n".join(f'"{host}" = "127.0.0.1:{port}"' for host in HOSTS))
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (folder / "flows.py").write_text((SHOP / "flows.py").read_text(encoding="utf-8") + SOLVE, encoding="utf-8")
    (folder / "vendor.pem").touch()
    file = folder / "captchaos.toml"
    file.write_text(text, encoding="utf-8")
    return file


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """Who plays the live one: a process of its own, with an authority, a port and an account that nobody else knows."""

    port: int
    ca_file: Path
    account: dict[str, str]

    def lets_itself_be_trusted(self, folder: Path) -> None:
        """Hand its authority's certificate to the target file."""
        shutil.copy(self.ca_file, folder / "vendor.pem")


@contextlib.contextmanager
def vendor() -> Iterator[Vendor]:
    """Start it by ``captchaos serve``, and end it."""
    words = [sys.executable, "-m", "harness.cli.main", "serve", "tencent_web", "--tls", "--app-id", APP_ID, "--json"]
    process = subprocess.Popen(words, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        told = said["credentials"]
        account = {f"LIVE_{name.upper()}": told[name] for name in ("app_secret", "secret_id", "secret_key")}
        yield Vendor(port=int(said["tls"].rpartition(":")[2]), ca_file=Path(said["ca_file"]), account=account)
    finally:
        process.terminate()
        process.communicate(timeout=30)
