# OAuth 2.0.
