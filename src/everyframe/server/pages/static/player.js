// Plays a day's recordings in one place, one file after another, from wherever the chart is clicked.
(() => {
  const film = () => document.querySelector("#film");
  const files = () => JSON.parse(film().dataset.files);
  let at = -1;

  const show = (number, seconds) => {
    const video = film().querySelector("video");
    at = number;
    const [start, , address] = files()[number];
    video.onloadedmetadata = () => { video.currentTime = seconds; video.play().catch(() => {}); };
    video.onended = () => { if (at + 1 < files().length) show(at + 1, 0); };
    video.ontimeupdate = () => {
      const now = new Date(1000 * (start + video.currentTime));
      film().querySelector("p").textContent = now.toLocaleTimeString();
    };
    video.hidden = false;
    video.src = address;
  };

  window.playFrom = (utc) => {
    const all = files();
    let number = all.findIndex(([, end]) => end > utc);
    if (number < 0) number = all.length - 1;
    show(number, Math.max(0, utc - all[number][0]));
    film().scrollIntoView({ block: "nearest" });
  };

  window.playWhereClicked = (chart) => {
    chart.getZr().on("click", (event) => {
      if (!film() || event.target) return; // an alert has a page of its own
      const point = chart.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]);
      if (point) window.playFrom(point[0] / 1000);
    });
  };
})();
