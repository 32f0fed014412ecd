"""Providers: each a folder with the vendor's contract and our emulator of it, in one or more client builds."""
