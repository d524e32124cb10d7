from django.contrib.admin.apps import AdminConfig


class FoyerAdminConfig(AdminConfig):
    """On its own, because settings name it: importing it must not import a model."""

    default_site = "organisations.admin_site.FoyerAdminSite"
