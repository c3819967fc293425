"""Whether a site answers: asked from here, over HTTP."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request

from bot.ports import Health

_USER_AGENT = "memwarden"


def health(url: str, timeout_s: float) -> Health:
    """Ask an address (`http:` or `https:`) and tell how it answered; never raises for what it answers.

    200 to 399 is well, after redirects. `timeout_s` counts for each wait on the network. The proxies of the
    environment are used.
    """
    request = urllib.request.Request(url, headers={"User-Agent": _USER_AGENT})  # noqa: S310 - the configuration takes http and https alone
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310 - as above
            return Health(well=True, sentence=f"the site answers {answer.status}")
    except urllib.error.HTTPError as error:
        with error:
            return Health(well=False, sentence=f"the site answers {error.code}")
    except TimeoutError:
        return Health(well=False, sentence=f"the site does not answer within {timeout_s:g} s")
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            return Health(well=False, sentence=f"the site does not answer within {timeout_s:g} s")
        return Health(well=False, sentence="the site cannot be reached")
    except (http.client.HTTPException, OSError, ValueError):
        return Health(well=False, sentence="the site does not answer as a web server does")
