// Tells the lab what the emulated client hands to the page's handlers. The vendor's client has no such event; pages know nothing of it.
window.addEventListener("geetest:callback", (event) => {
  window.captchaosSaw(JSON.stringify(event.detail));
});
