"""How large a rare share may really be, given how often it was seen. Knows counts only."""


def upper_bound(seen: float, of: int, *, confidence: float = 0.95) -> float:
    """Return the one-sided upper confidence bound of a share that was seen ``seen`` times in ``of`` independent tries.

    Source: Clopper and Pearson, *The use of confidence or fiducial limits*, Biometrika 26 (1934): exact, so never too
    small. Where nothing was seen in n tries the bound is 1 − (1 − confidence)^(1/n), nearly 3/n at 95 %.

    >>> round(upper_bound(0, 300), 4), round(upper_bound(3, 300), 4)
    (0.0099, 0.0256)
    """
    if of <= 0 or seen >= of:
        return 1.0
    from scipy.special import betaincinv  # imported here: scipy is slow to load

    return float(betaincinv(seen + 1, of - seen, confidence))
