"""One provider by itself, without a laboratory around it: what ``captchaos serve`` runs."""
