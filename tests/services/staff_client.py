"""A member of staff at work over the staff API, as a person's browser would be."""

import secrets
import time
from types import TracebackType
from typing import Any

import httpx

# What TIHUO_CAPTCHA_ANSWER must say on the server for this client to get in.
CAPTCHA = "TEST"


class Staff:
    """A signed-in member of staff."""

    def __init__(self, url: str, account: dict[str, str]) -> None:
        self._account = account
        self._client = httpx.Client(base_url=f"{url}/api/m", headers={"Origin": url}, timeout=120)

    def __enter__(self) -> "Staff":
        captcha = self._post("/captchas", {})
        self._post(
            "/sessions",
            {
                "account": self._account["account"],
                "password": self._account["password"],
                "captcha_id": captcha["id"],
                "captcha_answer": CAPTCHA,
            },
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    @property
    def cookies(self) -> dict[str, str]:
        return dict(self._client.cookies)

    def product_id(self) -> int:
        return int(self._get("/products?shelf=on")["items"][0]["id"])

    def make_cards(self, quantity: int) -> int:
        """An active batch of that many, when all are made; answers its id."""
        wanted = {
            "quantity": quantity,
            "product_ids": [self.product_id()],
            "status": "active",
            "number_length": 12,
            "order": "random",
        }
        made = self._post("/batches", wanted)
        self.finished(made["job"]["id"])
        return int(made["batch"]["id"])

    def export(self, batch_id: int) -> bytes:
        """The .xlsx of a batch: 卡序号, 卡号, 密码, 提货链接, in this order."""
        columns = ["serial", "number", "password", "link"]
        wanted = {"filter": {"batch_id": batch_id}, "columns": columns, "password": self._account["password"]}
        job = self.finished(self._post("/cards/exports", wanted)["id"])
        answer = self._client.post(f"/jobs/{job['id']}/file")
        answer.raise_for_status()
        return answer.content

    def finished(self, job_id: int) -> dict[str, Any]:
        """A job, when a worker has done it. Raises RuntimeError where it failed."""
        while True:
            job: dict[str, Any] = self._get(f"/jobs/{job_id}")
            if job["status"] == "done":
                return job
            if job["finished_at"] is not None:
                raise RuntimeError(f"{job['title']}: {job['status']} {job['error']}")
            time.sleep(0.05)

    def change_status(self, number: str, action: str) -> None:
        """Activate, deactivate, void or restore the card with this number."""
        card_id = self._get(f"/cards?number={number}")["items"][0]["id"]
        self._post(f"/cards/{card_id}/status", {"action": action})

    def choose_days(self, rule: dict[str, Any]) -> None:
        """Save the rule by which customers choose a day."""
        answer = self._client.put("/settings/appointments", json=rule)
        if answer.is_error:
            raise RuntimeError(f"PUT /settings/appointments: {answer.status_code} {answer.text}")

    def _get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()

    def _post(self, path: str, content: dict[str, Any]) -> Any:
        answer = self._client.post(path, json=content, headers={"Idempotency-Key": secrets.token_urlsafe(18)})
        if answer.is_error:
            raise RuntimeError(f"POST {path}: {answer.status_code} {answer.text}")
        return answer.json()
