from django.http import JsonResponse
from django.views.decorators.http import require_GET

from organisations.tokens import TokenRequest, token_required


@token_required("organisation:read")
@require_GET
def me(request: TokenRequest) -> JsonResponse:
    """Which organisation a token opens, and what it may do there."""
    return JsonResponse(
        {
            "organisation": {"slug": request.organisation.slug, "name": request.organisation.name},
            "token": {"name": request.token.name, "prefix": request.token.prefix},
            "scopes": request.token.scopes,
        }
    )
