"""The purposes every organisation starts with (CONSENT.md 2.3)."""

from django.db import migrations

PURPOSES = """
INSERT INTO consent_purpose (key, name, explanation, legal_ground, dpv_uri, sensitive, position) VALUES
    ('service.event_info', 'About what was bought', 'Tickets, changes, cancellations, opening hours. Nothing to buy.', 'contract', 'https://w3id.org/dpv#ServiceProvision', false, 10),
    ('marketing.newsletter', 'Newsletter', 'News and offers.', 'consent', 'https://w3id.org/dpv#Marketing', false, 20),
    ('marketing.own_similar', 'Own similar offers', 'What the house itself sells, similar to what was bought.', 'consent', 'https://w3id.org/dpv#DirectMarketing', false, 30),
    ('marketing.partner', 'Offers of partners', 'What other organisations sell.', 'consent', 'https://w3id.org/dpv#Advertising', false, 40),
    ('survey', 'Surveys', 'Questions about a visit, requests for a review.', 'consent', 'https://w3id.org/dpv#Marketing', false, 50),
    ('profiling', 'Tailored content', 'Scores and content chosen by what somebody did.', 'legitimate_interest', 'https://w3id.org/dpv#Personalisation', false, 60),
    ('tracking.email_open', 'Seeing that a mail was opened', 'A pixel in the mail.', 'consent', 'https://w3id.org/dpv#Personalisation', false, 70),
    ('ads.audience_match', 'Matching with advertising networks', 'Uploading addresses to find the same people there.', 'consent', 'https://w3id.org/dpv#TargetedAdvertising', false, 80)
ON CONFLICT (key) DO NOTHING;
"""

# Only what nobody has used: events name purposes by their key.
NONE = "DELETE FROM consent_purpose;"


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_append_only")]
    operations = [migrations.RunSQL(PURPOSES, NONE)]
