// Builds a reel from moments of the archive: chosen, put in order, trimmed, watched, and then made by the server.
// What is being built stays in this browser until it is made, so that a closed page loses nothing.
(() => {
  const KEPT = "everyframe.reel";
  const SHOWN = 12; // moments of a search at once
  const NEAR = 0.05; // seconds before the end of a cut at which it is over: players stop a little early
  const STEP = 0.04; // seconds of an arrow key in a field

  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...inside.filter((one) => one !== null));
    return element;
  };
  const round = (value) => Math.round(value * 100) / 100;
  const clock = (value) => {
    const tenths = Math.round(value * 10), minutes = Math.floor(tenths / 600);
    return `${minutes}:${String(((tenths - minutes * 600) / 10).toFixed(1)).padStart(4, "0")}`;
  };
  const who = (one) => [one.player ?? one.team, one.competition, one.date, `${clock(one.start)} – ${clock(one.end)}`]
    .filter(Boolean).join(" · ");
  const picture = (one) => {
    const shown = make("i", { class: "preview" });
    if (one.strip) shown.style.backgroundImage = `url(${one.strip})`;
    return shown;
  };

  customElements.define("reel-builder", class extends HTMLElement {
    connectedCallback() {
      if (this.list) return;
      this.told = JSON.parse(this.dataset.told);
      this.cuts = [];
      this.playing = -1; // number of the cut that plays
      this.through = false; // whether the next one follows
      this.build();
      this.recall();
      this.show();
      this.search(true);
      if (this.told.add) this.addByNumber(this.told.add);
    }

    // -- what is there ---------------------------------------------------------------------------------

    build() {
      this.words = make("input", { type: "search", class: "words", maxlength: 1000, "aria-label": "Words to search for", placeholder: "smash or drop, a player, a team" });
      this.results = make("ol", { class: "found" });
      this.more = make("button", { class: "tool", type: "button", hidden: true, onclick: () => this.search(false) }, "More");
      this.hints = make("p", { class: "soft", role: "status" });
      const asked = make("form", { class: "filters search", onsubmit: (event) => { event.preventDefault(); this.search(true); } },
        this.words, make("button", { class: "go" }, "Find"));

      this.video = make("video", { controls: true, playsinline: true, preload: "metadata", "aria-label": "Preview" });
      this.video.addEventListener("timeupdate", () => this.followed());
      this.video.addEventListener("pause", () => this.followed());
      this.video.addEventListener("ended", () => this.next());
      this.video.addEventListener("error", () => {
        if (this.playing >= 0) { this.say("This browser cannot play that footage; it can be cut all the same.", true); this.next(); }
      });
      this.now = make("p", { class: "soft now", role: "status" });
      this.watch = make("button", { class: "tool", type: "button", onclick: () => this.through ? this.stop() : this.play(0, true) });
      this.stage = make("div", { class: "film" }, this.video, this.now);
      this.list = make("ol", { class: "cuts" });
      this.called = make("input", { maxlength: 200, "aria-label": "Title", placeholder: "Reel", oninput: () => this.keep() });
      this.longest = make("input", { type: "number", min: 1, max: 86400, step: 1, "aria-label": "Seconds at most", placeholder: "no limit", oninput: () => { this.keep(); this.sum(); } });
      this.length = make("p", { class: "soft length", "aria-live": "polite" });
      this.maker = make("button", { class: "button", type: "button", onclick: () => this.ask() }, "Make the reel");
      this.clear = make("button", { class: "tool", type: "button", onclick: () => { this.stop(); this.cuts = []; this.changed(); } }, "Start over");
      this.said = make("p", { class: "said", role: "status" });
      this.append(
        make("section", { class: "choose", "aria-label": "Moments" }, make("h2", {}, "Moments"), asked, this.hints, this.results, this.more),
        make("section", { class: "build", "aria-label": "The reel" }, make("h2", {}, "The reel"), this.stage, this.list, this.length,
          make("div", { class: "last" },
            make("label", {}, "Title", this.called),
            make("label", {}, "Seconds at most", this.longest)),
          make("div", { class: "tools" }, this.maker, this.watch, this.clear), this.said));
    }

    show() {
      this.list.replaceChildren(...this.cuts.map((cut, number) => this.entry(cut, number)));
      if (!this.cuts.length) this.list.append(make("li", { class: "none" }, "Add moments from the search; then drag them into order and trim them."));
      this.maker.disabled = this.watch.disabled = this.clear.disabled = !this.cuts.length;
      this.stage.hidden = !this.cuts.length;
      const first = this.cuts.find((cut) => cut.film);
      if (first && !this.video.hasAttribute("src")) this.video.src = `${first.film}#t=${first.from}`; // its first picture
      this.paint();
      this.sum();
    }

    entry(cut, number) {
      const field = (name, called) => make("input", {
        type: "number", min: 0, step: STEP, value: cut[name], "aria-label": `${called} of ${cut.label}, seconds`,
        onchange: (event) => { cut[name] = round(Math.max(0, Number(event.target.value) || 0)); event.target.value = cut[name]; this.keep(); this.sum(); this.paint(); },
      });
      const here = (name, called) => make("button", {
        type: "button", class: "tool here", title: `${called} where the player is`, disabled: !cut.film,
        "aria-label": `${cut.label}: ${called.toLowerCase()} where the player is`,
        onclick: () => this.mark(number, name),
      }, called);
      const handle = make("button", { type: "button", class: "handle", "aria-label": `Move ${cut.label}: drag, or arrow keys`, onkeydown: (event) => this.moveByKey(event, number) }, "⠿");
      handle.addEventListener("pointerdown", (event) => this.drag(event, number));
      return make("li", { "data-number": number },
        handle,
        make("button", { type: "button", class: "look", disabled: !cut.film, "aria-label": `Play ${cut.label}`, onclick: () => this.play(number, false) }, picture(cut)),
        make("div", { class: "what" }, make("b", {}, cut.label), make("small", {}, who(cut)), cut.film ? null : make("small", { class: "fault" }, "no preview: the footage is not here, or of a kind that browsers do not play")),
        make("div", { class: "trim" }, field("from", "Begin"), here("from", "Begin here"), field("to", "End"), here("to", "End here")),
        make("button", { type: "button", class: "tool drop", "aria-label": `Leave out ${cut.label}`, onclick: () => { this.stop(); this.cuts.splice(number, 1); this.changed(); } }, "×"));
    }

    paint() {
      this.watch.textContent = this.through ? "Stop" : "Preview";
      for (const item of this.list.querySelectorAll("[data-number]")) {
        const number = Number(item.dataset.number), cut = this.cuts[number];
        item.classList.toggle("plays", number === this.playing);
        item.classList.toggle("wrong", !(cut.to > cut.from));
      }
    }

    sum() {
      const all = this.cuts.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);
      const most = Number(this.longest.value);
      this.length.textContent = !this.cuts.length ? "" : `${this.cuts.length} ${this.cuts.length === 1 ? "cut" : "cuts"}, ${clock(all)}`
        + (most && all > most ? `; more than ${clock(most)}: the most confident that fit are shown` : "");
    }

    say(words, wrong = false) {
      this.said.textContent = words;
      this.said.classList.toggle("fault", wrong);
    }

    // -- choosing --------------------------------------------------------------------------------------

    async search(anew) {
      const text = this.words.value.trim();
      if (anew) { this.offset = 0; this.asked = text; }
      const asking = this.asking = Symbol("search"); // answers that come late are not shown
      const query = new URLSearchParams({ text: this.asked, limit: SHOWN, offset: this.offset });
      if (!this.asked) query.set("last", SHOWN);
      try {
        const { moments, more, hints } = await this.get(`/api/v1/moments?${query}`);
        if (asking !== this.asking) return;
        const found = moments.map((one) => this.result(one));
        if (anew) this.results.replaceChildren(...found); else this.results.append(...found);
        this.offset += moments.length;
        this.more.hidden = !more || !moments.length;
        this.hints.textContent = this.results.children.length ? "" : hints.join(" ") || "Nothing was found.";
      } catch (error) {
        if (asking === this.asking) this.hints.textContent = error.message;
      }
    }

    result(one) {
      return make("li", {},
        make("span", { class: "picture" }, picture(one)), make("b", {}, one.label), make("small", {}, who(one)), make("small", {}, one.footage),
        make("button", { type: "button", class: "tool add", "aria-label": `Add ${one.label}, ${who(one)}`, onclick: () => this.add(one) }, "Add"));
    }

    add(one) {
      const { id, label, start, end, strip, film, player, team, competition, date } = one;
      this.cuts.push({ moment: id, label, start, end, strip, film, player, team, competition, date, from: round(start), to: round(end) });
      this.changed();
      this.say(`Added ${label}.`);
    }

    async addByNumber(number) {
      history.replaceState(null, "", location.pathname); // a page that is loaded again does not add it again
      try { this.add(await this.get(`/api/v1/moments/${number}`)); } catch (error) { this.say(error.message, true); }
    }

    // -- order -----------------------------------------------------------------------------------------

    move(from, to) {
      this.stop();
      const [cut] = this.cuts.splice(from, 1);
      this.cuts.splice(to, 0, cut);
      this.changed();
      this.list.children[to]?.querySelector(".handle").focus();
    }

    moveByKey(event, number) {
      const to = number + ({ ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0);
      if (to === number || to < 0 || to >= this.cuts.length) return;
      event.preventDefault();
      this.move(number, to);
    }

    drag(event, number) {
      if (event.button) return;
      event.preventDefault();
      const handle = event.currentTarget, item = handle.closest("li");
      item.classList.add("dragged");
      const moved = ({ clientY }) => {
        const others = [...this.list.children].filter((one) => one !== item);
        const after = others.find((one) => { const box = one.getBoundingClientRect(); return clientY < box.top + box.height / 2; });
        if (item.nextElementSibling !== (after ?? null)) this.list.insertBefore(item, after ?? null);
      };
      const done = (last) => {
        removeEventListener("pointermove", moved);
        removeEventListener("pointerup", done);
        removeEventListener("pointercancel", done);
        item.classList.remove("dragged");
        const to = [...this.list.children].indexOf(item);
        if (last.type === "pointerup" && to !== number) this.move(number, to); else this.show();
      };
      addEventListener("pointermove", moved);
      addEventListener("pointerup", done);
      addEventListener("pointercancel", done);
    }

    // -- watching --------------------------------------------------------------------------------------

    play(number, through) {
      const cut = this.cuts[number];
      this.through = through;
      if (!cut) { this.stop(); return; }
      this.playing = number;
      if (!cut.film || !(cut.to > cut.from)) { this.next(); return; }
      const address = `${cut.film}#t=${cut.from},${cut.to}`;
      this.now.textContent = `${number + 1} of ${this.cuts.length}: ${cut.label}`;
      this.video.src = address;
      this.video.load();
      this.video.play().catch(() => {}); // where it may not begin by itself, its button does
      this.paint();
    }

    followed() {
      const cut = this.cuts[this.playing];
      if (cut && !this.video.seeking && this.video.currentTime >= cut.to - NEAR) this.next();
    }

    next() {
      if (this.playing < 0) return;
      if (this.through) { this.play(this.playing + 1, true); return; }
      this.playing = -1;
      this.video.pause();
      this.paint();
    }

    stop() {
      this.playing = -1;
      this.through = false;
      this.now.textContent = "";
      this.video.pause();
      this.paint();
    }

    mark(number, name) {
      const cut = this.cuts[number];
      if (!this.video.src.split("#")[0].endsWith(cut.film)) { this.say(`Play ${cut.label} first, and stop where it should ${name === "from" ? "begin" : "end"}.`); return; }
      this.playing = -1;
      cut[name] = round(this.video.currentTime);
      this.changed();
    }

    // -- keeping and making ----------------------------------------------------------------------------

    changed() { this.keep(); this.show(); }

    keep() {
      try { localStorage.setItem(KEPT, JSON.stringify({ title: this.called.value, longest: this.longest.value, cuts: this.cuts })); } catch { /* private windows keep nothing */ }
    }

    recall() {
      try {
        const { title, longest, cuts } = JSON.parse(localStorage.getItem(KEPT));
        this.called.value = title;
        this.longest.value = longest;
        this.cuts = cuts.filter((cut) => Number.isFinite(cut.moment) && Number.isFinite(cut.from) && Number.isFinite(cut.to));
      } catch { /* nothing was kept */ }
    }

    async ask() {
      const wrong = this.cuts.findIndex((cut) => !(cut.to > cut.from));
      if (wrong >= 0) { this.say(`Cut ${wrong + 1}, ${this.cuts[wrong].label}, ends before it begins; trim it.`, true); return; }
      this.stop();
      this.maker.disabled = true;
      const body = {
        title: this.called.value.trim() || "Reel",
        cuts: this.cuts.map(({ moment, from, to }) => ({ moment, start: from, end: to })),
        ...(Number(this.longest.value) > 0 ? { longest: Number(this.longest.value) } : {}),
      };
      try {
        const { title } = await this.get("/api/v1/reels", {
          method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": this.told.csrf }, body: JSON.stringify(body),
        });
        this.cuts = [];
        this.called.value = this.longest.value = "";
        this.changed();
        this.say(`“${title}” is being made; it is in the list below.`);
      } catch (error) {
        this.maker.disabled = false;
        this.say(error.message, true);
      }
    }

    async get(address, how) {
      const answer = await fetch(address, how);
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(told.detail ?? `The server answered ${answer.status}.`);
      return told;
    }
  });
})();
