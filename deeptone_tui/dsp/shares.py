"""Shares as they are written for people."""


def format_share(share: float) -> str:
    """Write a share in whole percent: ``12 %``.

    Only what is nothing or everything is said to be so: what is little is ``under 1 %``.
    """
    if 0 < share < 0.01:  # noqa: PLR2004  one percent
        return "under 1 %"
    return f"{100 if share == 1 else min(round(share * 100), 99)} %"
