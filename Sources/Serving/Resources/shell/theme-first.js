// Runs before the page is painted, so that a chosen theme does not flash in late.
try {
  const theme = localStorage.getItem("brigade.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* without storage the system's theme stays */ }
