"""All attacks."""

from tests.browser.hostile.attack import Attack

from . import darkroom_api, fetches, forms, own_endpoints, queries, runtime_api, sockets, uploads

ATTACKS: tuple[Attack, ...] = (
    *queries.ATTACKS,
    *forms.ATTACKS,
    *uploads.ATTACKS,
    *own_endpoints.ATTACKS,
    *fetches.ATTACKS,
    *sockets.ATTACKS,
    *darkroom_api.ATTACKS,
    *runtime_api.ATTACKS,
)
