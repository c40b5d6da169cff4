"""The files that pages load, as `make pages` built them: named by their content, so kept for ever.

They are few and small, and are held in memory: a name that wasn't built is no file, whatever is in
it. When they are built again, which only a developer does, they are read again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

DIST = Path(__file__).parent / "static" / "dist"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
#: The best first, with what the name of such a file ends in.
_CODINGS = (("br", ".br"), ("gzip", ".gz"))
_FOR_EVER = "public, max-age=31536000, immutable"


class PagesNotBuilt(RuntimeError):
    """What the pages load isn't there."""


@dataclass(frozen=True, slots=True)
class _Built:
    """One build: each hashed name by its logical one, and every file's content by its own name."""

    names: Mapping[str, str]
    contents: Mapping[str, bytes]


class Assets:
    """The built files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._manifest = folder / "manifest.json"
        self._stamp: tuple[int, int] | None = None
        self._built = _Built({}, {})

    def address(self, name: str) -> str:
        """Where a page finds `bord.js`. Raises PagesNotBuilt, and LookupError for no such asset."""
        built = self._current()
        if name not in built.names:
            raise LookupError(f"{name} is none of {', '.join(built.names)}")
        return f"/static/{built.names[name]}"

    def answer(self, name: str, accepted: str) -> Response | None:
        """The file of this hashed name in the best coding that is accepted; None without such."""
        built = self._current()
        suffix = Path(name).suffix
        if name not in built.contents or suffix not in _TYPES:
            return None
        headers = {"cache-control": _FOR_EVER, "content-type": _TYPES[suffix]}
        if f"{name}.map" in built.contents:
            headers["sourcemap"] = f"{name}.map"
        content = built.contents[name]
        if any(name + ending in built.contents for _, ending in _CODINGS):
            headers["vary"] = "accept-encoding"
        wanted = _codings(accepted)
        for coding, ending in _CODINGS:
            if coding in wanted and name + ending in built.contents:
                headers["content-encoding"] = coding
                content = built.contents[name + ending]
                break
        return Response(content, headers=headers)

    def _current(self) -> _Built:
        try:
            found = self._manifest.stat()
            stamp = (found.st_mtime_ns, found.st_ino)
            if stamp != self._stamp:
                self._built = _read(self._manifest)
                self._stamp = stamp
        except FileNotFoundError:
            raise PagesNotBuilt("The pages haven't been built: run `make pages`.") from None
        return self._built


def _read(manifest: Path) -> _Built:
    names = json.loads(manifest.read_bytes())
    files = (path for path in manifest.parent.iterdir() if path != manifest)
    return _Built(names, {path.name: path.read_bytes() for path in files})


def _codings(accepted: str) -> set[str]:
    """What an Accept-Encoding header allows: `br;q=0` says that it isn't."""
    found = set()
    for part in accepted.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";q=")
        if weight.strip("0.") or not weight:
            found.add(coding)
    return found


_assets = Assets(DIST)


def asset(name: str) -> str:
    """The address of `main.css`, `bord.js` ... Raises PagesNotBuilt; LookupError for no such asset."""
    return _assets.address(name)


async def _static(request: Request) -> Response:
    found = _assets.answer(request.path_params["name"], request.headers.get("accept-encoding", ""))
    return found or Response(status_code=404, media_type="text/plain; charset=utf-8")


#: GET and HEAD of /static/...; another method is answered 405.
route = Route("/static/{name}", _static, methods=["GET"])
