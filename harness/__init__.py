"""captchaos: does the business go on when the captcha fails, and does the door stay shut to forgers?"""

__version__ = "0.1.0"
