"""Two invented organisations whose morning has run: through the front door, as real data would.

`cast` says who they are and which systems they use, `build` makes them, `standin` arranges the Mailchimp
that they talk to. Everything can be called again: what is there already is left alone.
"""
