"""How a customer orders. The code by e-mail is entered by the lab, from captchaos.toml."""


async def order(page, flow):
    """Order a pound of tea as a guest."""
    await page.goto(flow.url("/"), wait_until="domcontentloaded")
    await page.fill("#email", flow.account)
    await flow.show(page, "#buy")
    await flow.captcha(page)
