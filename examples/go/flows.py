"""How a user signs in."""


async def sign_in(page, flow):
    """Sign in with the account that the lab names."""
    await page.goto(flow.url("/"), wait_until="domcontentloaded")
    await page.fill("#username", flow.account)
    await page.fill("#password", "correct horse")
    await flow.show(page, "#go")
    await flow.captcha(page)
