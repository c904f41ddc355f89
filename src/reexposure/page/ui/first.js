// Before the first paint: the theme that was chosen here before, or the system's.

let theme;
try {
  theme = localStorage.getItem("theme");
} catch { /* a browser that keeps nothing */ }
document.documentElement.dataset.theme = theme ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
