// Keeps the live pictures fresh: one request a second for each, none while nobody looks.
(() => {
  const refresh = () => {
    if (document.hidden) return;
    for (const picture of document.querySelectorAll("img[data-live]")) {
      if (picture.dataset.loading) continue;
      picture.dataset.loading = "1";
      const next = new Image();
      next.onload = () => { picture.src = next.src; picture.classList.add("shown"); delete picture.dataset.loading; };
      next.onerror = () => { picture.classList.remove("shown"); delete picture.dataset.loading; };
      next.src = picture.dataset.live + "?at=" + Date.now();
    }
  };
  setInterval(refresh, 1000);
  document.addEventListener("visibilitychange", refresh);
  addEventListener("load", refresh);
})();
