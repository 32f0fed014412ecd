"""What ``captchaos init`` does: look at an application, and write a target file, a flow and a CI workflow for it."""
