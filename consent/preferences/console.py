"""In the console: the words for the mails, and unsubscribing for somebody who wrote a mail instead."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from consent import house
from consent.preferences import notice, oneclick, saying
from consent.preferences.tokens import Read
from organisations.access import Can, Request, requires
from organisations.audit.verbs import record
from organisations.public import public_url


@never_cache
@requires(Can.MANAGE_PERMISSIONS)
def setting(request: Request) -> HttpResponse:
    """Where customers choose, and what every marketing mail must carry, in every language."""
    slug = request.organisation.slug
    asked = public_url(request.organisation, reverse("preferences:ask", args=[slug]))
    name = house.settings().legal_name or request.organisation.name
    context = {
        "address": asked,
        "contact": house.settings().contact_email,
        "notices": notice.in_every_language(name, asked),
    }
    return render(request, "preferences/setting.html", context)


class MailForm(forms.Form):
    pasted = forms.CharField(
        label=gettext_lazy("Subject of the mail, or the link in it"),
        max_length=2000,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("It begins with “unsubscribe”, then a long word that stands for the address."),
    )

    def clean_pasted(self) -> Read:
        found = oneclick.mail_entry(self.cleaned_data["pasted"])
        if found is None:
            raise forms.ValidationError(
                gettext_lazy(
                    "There is no link of this organisation in it. Find the person and note the no there."
                )
            )
        return found


@never_cache
@requires(Can.EDIT_PEOPLE)
def by_mail(request: Request) -> HttpResponse:
    """The mailto: way of List-Unsubscribe ends with a colleague, who enters it here."""
    form = MailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        read = form.cleaned_data["pasted"]
        new = oneclick.unsubscribe(read, via=saying.BY_MAIL)
        summary = {"new": new, "purpose": read.purpose}
        record(actor=request.user, verb="unsubscribe.entered", target="e-mail", summary=summary)
        messages.success(
            request,
            _("The no is in the ledger.") if new else _("It was there already. Nothing had to be changed."),
        )
        return redirect("preferences:by_mail")
    return render(request, "preferences/by_mail.html", {"form": form})
