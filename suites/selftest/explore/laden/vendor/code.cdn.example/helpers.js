// What a shop takes from a public CDN, as jQuery is: small helpers under one global name.
window.tea = { trim: (text) => text.trim() };
