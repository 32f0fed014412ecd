// What counts visitors: nobody waits for it.
navigator.sendBeacon("https://stats.example/visit", "1");
