"""Where the pages of word are."""

NOTICES = "/meldingen"
OWN_SETTING = f"{NOTICES}/instellingen"
SHARED_SETTING = f"{NOTICES}/organisatie"
WEBHOOKS = f"{NOTICES}/webhooks"
DELIVERIES = f"{NOTICES}/verzending"
