"""/api/docs: the OpenAPI documents, readable without any script."""

import html
from collections.abc import Callable
from typing import Any

import orjson

from tihuo.errors import NotFound
from tihuo.web.endpoint import File, endpoint
from tihuo.web.handler import Handler

_STYLE = """
body { font: 15px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; color: #222;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem }
table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid #e5e5e5; padding: .5rem .75rem .5rem 0; vertical-align: top }
code { font: 13px ui-monospace, Menlo, monospace; overflow-wrap: anywhere }
.verb { font-weight: 600; color: #087f4f }
.codes { color: #666; font-size: 13px }
"""


class DocsHandler(Handler):
    @endpoint(allows="anyone", media_type="text/html")
    async def get(self) -> File:
        """A page that lists every endpoint of every document."""
        sections = [_section(name, write()) for name, write in self.context.documents.items()]
        page = f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<title>接口文档 · 提货</title><meta name="viewport" content="width=device-width,initial-scale=1">
<style>{_STYLE}</style></head><body><h1>接口文档</h1>
<p>OpenAPI 3.1，由服务器代码生成。</p>{"".join(sections)}</body></html>"""
        return File(page.encode(), "text/html; charset=utf-8")


class DocumentHandler(Handler):
    @endpoint(allows="anyone", media_type="application/json", raises=(NotFound,))
    async def get(self, name: str) -> File:
        """One document as JSON: customer.json or staff.json."""
        write: Callable[[], dict[str, Any]] | None = self.context.documents.get(name)
        if write is None:
            raise NotFound()
        return File(orjson.dumps(write()), "application/json; charset=utf-8")


def _section(name: str, document: dict[str, Any]) -> str:
    rows = []
    for path, operations in document["paths"].items():
        for verb, operation in operations.items():
            codes = [
                code
                for status, response in operation["responses"].items()
                if int(status) >= 400
                for code in response["content"]["application/json"]["schema"]["properties"]["error"]["properties"][
                    "code"
                ]["enum"]
            ]
            rows.append(
                f'<tr><td class="verb">{verb.upper()}</td><td><code>{html.escape(path)}</code><br>'
                f'{html.escape(operation["summary"])}<br><span class="codes">{" ".join(codes)}</span></td></tr>'
            )
    title = html.escape(document["info"]["title"])
    return f'<h2>{title} <a href="/api/docs/{name}"><code>{name}</code></a></h2><table>{"".join(rows)}</table>'
