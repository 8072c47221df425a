"""What can be done about a certificate that is not trusted."""

import os
import ssl

from deeptone_tui.core.output import for_people

VARIABLE = "SSL_CERT_FILE"
_UNKNOWN_AUTHORITY = (2, 18, 19, 20, 21)
"""Codes of OpenSSL's ``X509_V_ERR_…``; the others are about name, age or use."""


def distrust(error: BaseException) -> str:
    """Return what is wrong with a certificate, and what to do where that is not up to its owner."""
    fault = getattr(error, "verify_message", "") or str(error)
    words = f"is not trusted ({for_people(fault.rstrip('.'))})"
    of_authority = getattr(error, "verify_code", None) in _UNKNOWN_AUTHORITY
    return f"{words}: {certificate_advice()}" if of_authority else words


def certificate_advice() -> str:
    """Return what to do; where the variable names no file of certificates, that it does not.

    OpenSSL passes over such a file without a word, and then trusts nobody.
    """
    place = os.environ.get(VARIABLE)
    if not place:
        return f"set {VARIABLE} to trust your own authority"
    try:
        ssl.create_default_context(cafile=place)
    except (OSError, ValueError) as error:
        no_file = isinstance(error, FileNotFoundError)
        fault = "is not there" if no_file else "cannot be read, or holds no certificate"
        return f"{VARIABLE} names {for_people(place)}, which {fault}"
    return f"{VARIABLE}, which is {for_people(place)}, does not hold its authority"
