// A classic script, run before the first paint: a remembered theme must not flash the other one.
try {
  const theme = localStorage.getItem("sandbox-theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme it is.
}
