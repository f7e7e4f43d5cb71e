"""What the fake refuses."""


class TeamsRefuses(Exception):
    """What Teams' client does not let a person do."""


class ConnectorError(Exception):
    """An error answer of the connector."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
