"""Choice among requests: the one that is wanted, and the one to fall back to. Pure."""

from dataclasses import dataclass, replace

from deeptone_tui.session.failures import Failure
from deeptone_tui.session.target import StreamRequest


@dataclass(frozen=True, slots=True)
class Choice:
    """Request that a session works for, and what is known of it; each method is a transition.

    ====================  ======  ========  =========
    state                 proved  fallback  tentative
    ====================  ======  ========  =========
    first request         no      no        no
    in force              yes     no        no
    on trial              no      yes       no
    on trial, once        no      yes       yes
    ====================  ======  ========  =========
    """

    wanted: StreamRequest
    proved: bool = False
    """True if it has given a result, or was returned to."""
    fallback: StreamRequest | None = None
    """Request that worked before, until this one is proved."""
    tentative: bool = False
    """True if it has one attempt before the fallback returns, whatever the failure."""

    def change(self, request: StreamRequest) -> "Choice":
        """Want another request. What has not been proved is no fallback."""
        if self.proved and request == self.wanted:
            return self
        fallback = self.wanted if self.proved else self.fallback
        if request == fallback:
            return Choice(request, proved=True)
        return Choice(request, fallback=fallback)

    def answered(self, request: StreamRequest) -> "Choice":
        """Take note of a result: of the wanted request, it makes a fallback needless."""
        return Choice(request, proved=True) if request == self.wanted else self

    def make_room(self, current: StreamRequest) -> "Choice":
        """Give the wanted request one attempt, for which the current connection has to end."""
        return replace(self, fallback=self.fallback or current, tentative=True)

    def fall_back(self, request: StreamRequest) -> "Choice":
        """Return to a request, because the wanted one does not work.

        One that has given no result yet, of several in quick succession, still needs the fallback.
        """
        if self.fallback in (None, request):
            return Choice(request, proved=True)
        return Choice(request, fallback=self.fallback)

    def failed(self, failure: Failure) -> "Choice":
        """Return to the fallback if a failure of the wanted request calls for it, else stay."""
        objects = failure.by_endpoint or not failure.retry
        if self.fallback is not None and (self.tentative or objects):
            return self.fall_back(self.fallback)
        return self

    def refused(self) -> "Choice":
        """Stop trusting the wanted request: it waits for a change, if only to itself."""
        return replace(self, proved=False)
