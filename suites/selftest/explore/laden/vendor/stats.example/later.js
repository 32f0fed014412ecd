// What is put off until the page stands.
window.later = true;
