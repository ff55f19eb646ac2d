# Payloads of requests.

class BasicOAuth2Payload:
    def __init__(self, payload: dict[str, str]) -> None: ...
