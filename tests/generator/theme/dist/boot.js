document.documentElement.dataset.sitegen = "static";
