// The vendor's file collects traits of the browser; here it only has to come.
window._gct = {};
