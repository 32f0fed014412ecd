"""The command ``captchaos``."""
