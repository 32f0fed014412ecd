"""Paperclip, a made-up captcha: about the smallest provider there can be, in a package that captchaos knows nothing of."""

from harness.faults.rewriting import ResponseFault, add, saying
from harness.providers.base import PROVIDERS
from paperclip.provider import Paperclip

PROVIDERS.add("paperclip", Paperclip())
add(ResponseFault(name="paper-jam", title="The vendor's printer is jammed", make=saying(b'{"jam": true}')))
