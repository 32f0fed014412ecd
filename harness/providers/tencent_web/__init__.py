"""Tencent Cloud Captcha for the web: the browser client in its builds, and the verdict API behind it."""
