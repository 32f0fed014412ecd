"""The oracles, one file each; a file registers itself where it stands, third parties by entry points ``captchaos.oracles``."""
