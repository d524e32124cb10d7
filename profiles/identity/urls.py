from django.urls import URLPattern, path

from profiles.identity.pages import acts, links, queue, review, survivorship, values

app_name = "identity"
urlpatterns: list[URLPattern] = [
    path("people/<uuid:public_id>/merge/", acts.merge, name="merge"),
    path("people/<uuid:public_id>/apart/", acts.apart, name="apart"),
    path("acts/<int:pk>/undo/", acts.undo, name="undo"),
    path("links/", links.links, name="links"),
    path("links/<int:pk>/", links.uploaded, name="links_uploaded"),
    path("links/<int:pk>/left/", links.left_over, name="links_left"),
    path("links/words/<int:pk>/lift/", links.lift, name="links_lift"),
    path("review/", queue.review, name="review"),
    path("review/next/", queue.next_pair, name="review_next"),
    path("review/thresholds/", queue.change_thresholds, name="review_thresholds"),
    path("review/match/", queue.match_now, name="review_match"),
    path("review/band/", queue.band, name="review_band"),
    path("review/band/approve/", queue.approve, name="review_approve"),
    path("review/acts/<int:pk>/undo/", queue.take_back, name="review_take_back"),
    path("review/<int:pk>/", review.pair, name="review_pair"),
    path("review/<int:pk>/answer/", review.answer, name="review_answer"),
    path("review/<int:pk>/hold/", review.hold, name="review_hold"),
    path("review/<int:pk>/release/", review.release, name="review_release"),
    path("review/<int:pk>/undo/", review.undo, name="review_undo"),
    path("survivorship/", survivorship.rules, name="survivorship"),
    path("survivorship/try/", survivorship.try_out, name="survivorship_try"),
    path("survivorship/<int:pk>/", survivorship.trial, name="survivorship_trial"),
    path("survivorship/<int:pk>/apply/", survivorship.apply, name="survivorship_apply"),
    path("survivorship/<int:pk>/undo/", survivorship.undo, name="survivorship_undo"),
    path("people/<uuid:public_id>/values/", values.use_value, name="use_value"),
    path("people/<uuid:public_id>/values/rules/", values.use_rules, name="use_rules"),
]
