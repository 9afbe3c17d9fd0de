// Labels footage: play, press I and O, name it, Enter. Every change is kept by the server at once, as a whole list, and can
// be undone; all of it works by key, by mouse and by finger.
(() => {
  const NEAR = 60; // seconds that the near bar shows
  const LONG = 120; // seconds from which there is a near bar
  const UNDOS = 200;
  const HUES = [18, 205, 145, 275, 48, 330, 180, 95];

  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...inside.filter((one) => one !== null));
    return element;
  };
  const round = (value) => Math.round(value * 1000) / 1000;
  const clock = (value, signs = 2) => {
    const hours = Math.floor(value / 3600), minutes = Math.floor(value / 60) % 60;
    const seconds = (Math.floor((value % 60) * 10 ** signs + 1e-6) / 10 ** signs).toFixed(signs).padStart(signs + 3, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
  };
  const same = (one, other) => one.start === other.start && one.end === other.end && one.label === other.label;
  const button = (label, key, act, classes = "tool") =>
    make("button", { class: classes, type: "button", onclick: act }, label, key ? make("kbd", {}, key) : null);

  customElements.define("footage-labels", class extends HTMLElement {
    connectedCallback() {
      if (this.list) return;
      this.told = JSON.parse(this.dataset.told);
      this.labels = this.told.labels;
      this.edition = this.told.edition;
      this.chosen = null; // the label that is being changed
      this.past = []; // lists as they were, for undo
      this.fps = this.told.fps || 25;
      this.length = this.told.seconds || 0;
      this.build();
      this.show();
      this.pressed = (event) => this.byKey(event);
      document.addEventListener("keydown", this.pressed);
      this.leaving = (event) => { if (this.unsaved) event.preventDefault(); };
      window.addEventListener("beforeunload", this.leaving);
    }

    disconnectedCallback() {
      document.removeEventListener("keydown", this.pressed);
      window.removeEventListener("beforeunload", this.leaving);
    }

    // -- what is there ---------------------------------------------------------------------------------

    build() {
      const { may, film, name } = this.told;
      this.video = make("video", { playsinline: true, preload: "auto", "aria-label": name, onclick: () => this.toggle() });
      this.video.addEventListener("loadedmetadata", () => { this.length = this.video.duration || this.length; this.show(); });
      for (const what of ["seeked", "timeupdate", "pause"]) this.video.addEventListener(what, () => this.tick());
      this.video.addEventListener("play", () => this.follow());
      this.video.addEventListener("error", () => this.say("This browser cannot play the footage; make a copy in H.264, or label it by a table.", true));
      if (film) this.video.src = film;
      else this.video.hidden = true;
      this.cover = make("p", { class: "fault cover" }, this.told.unplayable);
      this.scrub = make("input", { type: "range", min: 0, step: 1 / this.fps, "aria-label": "Place in the footage", oninput: () => this.seek(Number(this.scrub.value)) });
      this.whole = make("div", { class: "marks" });
      this.near = make("div", { class: "marks near", title: "The minute around this place" });
      for (const bar of [this.whole, this.near]) bar.addEventListener("click", (event) => this.clicked(event, bar));
      this.at = make("output", { class: "at", "aria-live": "off" });
      this.player = button("Play", "Space", () => this.toggle(), "tool play");
      const moves = make("div", { class: "tools moves" },
        button("‹ Frame", "←", () => this.step(-1)), this.player, button("Frame ›", "→", () => this.step(1)), this.at);
      const field = (called) => make("input", { type: "number", min: 0, step: "any", "aria-label": `${called}, seconds`, oninput: () => this.paint() });
      this.from = field("In");
      this.to = field("Out");
      this.called = make("input", { class: "called", list: "known-labels", maxlength: 200, placeholder: "What happens", "aria-label": "What happens", autocomplete: "off" });
      this.known = make("datalist", { id: "known-labels" });
      this.adder = button("Add", "Enter", () => this.add(), "button");
      this.leaver = button("Leave it", "Esc", () => this.choose(null));
      this.quick = make("div", { class: "tools quick", role: "group", "aria-label": "Names" });
      const entry = make("div", { class: "entry-form" },
        make("div", { class: "span" }, button("In", "I", () => this.mark("from")), this.from, button("Out", "O", () => this.mark("to")), this.to),
        make("div", { class: "name" }, this.called, this.known, this.adder, this.leaver), this.quick);
      entry.hidden = !may;
      this.said = make("p", { class: "soft said", role: "status" });
      this.list = make("ol", { class: "labels", "aria-label": "Labels" });
      this.counts = make("p", { class: "soft" });
      this.undoer = button("Undo", "U", () => this.undo());
      const file = make("input", { type: "file", accept: ".csv,.json,.otio", hidden: true, "aria-label": "Table of labels", onchange: () => this.take(file) });
      const tools = make("div", { class: "tools" },
        ...(may ? [this.undoer, button("Import", "", () => file.click()), file] : []),
        make("a", { class: "button quiet", href: this.told.table, download: "" }, "Export CSV"));
      this.append(
        make("section", { class: "desk", "aria-label": "Footage" },
          make("div", { class: "screen" }, this.video, this.told.unplayable ? this.cover : null), this.whole, this.scrub, this.near, moves, entry, this.said),
        make("section", { class: "made", "aria-label": "What is labelled" }, make("h2", {}, "Labels"), this.counts, tools, this.list));
      if (!film) for (const one of [moves, this.scrub]) one.hidden = true;
    }

    show() {
      const counts = new Map();
      for (const { label } of this.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
      this.names = [...new Set([...this.told.names, ...counts.keys()])];
      this.known.replaceChildren(...this.names.map((name) => make("option", { value: name })));
      this.quick.replaceChildren(...this.names.slice(0, 9).map((name, number) => button(name, String(number + 1), () => this.name(name), "tool chip")));
      this.counts.textContent = this.labels.length
        ? [...counts].sort((one, other) => other[1] - one[1]).map(([name, count]) => `${name} ${count}`).join(" · ")
        : "Nothing is labelled yet. Five examples of each of two things are enough to teach.";
      this.list.replaceChildren(...this.labels.map((one) => this.item(one)));
      this.scrub.max = this.length;
      this.near.hidden = this.length < LONG;
      this.undoer.disabled = !this.past.length;
      this.paint();
      this.tick();
    }

    item(one) {
      const span = `${clock(one.start)} – ${clock(one.end)}`;
      const whose = [one.about.player, one.about.team].filter(Boolean).join(", ");
      const entry = make("li", {},
        make("button", { type: "button", class: "jump", onclick: () => this.choose(one), "aria-label": `${one.label}, ${span}` },
          make("i", { style: this.colour(one.label) }), make("b", {}, one.label), make("small", {}, [span, whose].filter(Boolean).join(" · "))),
        this.told.may ? make("button", { type: "button", class: "tool drop", onclick: () => this.remove(one), "aria-label": `Delete ${one.label}, ${span}` }, "×") : null);
      entry.classList.toggle("chosen", one === this.chosen);
      return entry;
    }

    colour(name) {
      return `--hue: ${HUES[Math.max(0, this.names.indexOf(name)) % HUES.length]}`;
    }

    paint() {
      const now = this.now();
      const start = Math.max(0, Math.min(now - NEAR / 2, this.length - NEAR));
      this.drawn = start;
      this.bar(this.whole, 0, this.length || 1);
      if (!this.near.hidden) this.bar(this.near, start, start + NEAR);
      const changes = this.chosen !== null;
      this.adder.firstChild.textContent = changes ? "Change" : "Add";
      this.leaver.hidden = !changes;
    }

    bar(bar, from, to) {
      const place = (time) => `${(100 * (time - from)) / (to - from)}%`;
      const put = (element, start, end) => {
        element.style.left = place(Math.max(from, start));
        element.style.width = `calc(${place(from + Math.min(to, end) - Math.max(from, start))} - 0px)`;
        return element;
      };
      const inside = this.labels.filter(({ start, end }) => end > from && start < to);
      const marks = inside.map((one) => {
        const mark = make("button", { type: "button", tabindex: -1, class: "mark", style: this.colour(one.label), title: `${one.label}, ${clock(one.start)}`, "aria-label": `Mark of ${one.label}, ${clock(one.start)}`, onclick: (event) => { event.stopPropagation(); this.choose(one); } });
        mark.classList.toggle("chosen", one === this.chosen);
        return put(mark, one.start, one.end);
      });
      const [begin, end] = [this.from.value, this.to.value];
      if (begin !== "" && this.told.may) marks.push(put(make("span", { class: "open" }), Number(begin), end === "" ? Number(begin) : Number(end)));
      const head = make("span", { class: "head" });
      bar.replaceChildren(...marks, head);
      bar.from = from;
      bar.to = to;
      this.tickBar(bar);
    }

    tickBar(bar) {
      const head = bar.querySelector(".head");
      if (head) head.style.left = `${(100 * (this.now() - bar.from)) / (bar.to - bar.from)}%`;
    }

    tick() {
      const now = this.now();
      this.at.textContent = `${clock(now, 3)} of ${clock(this.length)}, frame ${this.frame()}`;
      this.scrub.value = now;
      this.scrub.setAttribute("aria-valuetext", clock(now));
      this.player.firstChild.textContent = this.video.paused ? "Play" : "Pause";
      if (!this.near.hidden && (now < this.drawn || now > this.drawn + NEAR || this.video.paused)) this.paint();
      for (const bar of [this.whole, this.near]) this.tickBar(bar);
    }

    follow() {
      this.tick();
      if (!this.video.paused) requestAnimationFrame(() => this.follow());
    }

    say(words, wrong = false) {
      this.said.textContent = words;
      this.said.classList.toggle("fault", wrong);
    }

    // -- moving ----------------------------------------------------------------------------------------

    now() { return this.video.currentTime; }

    frame() { return Math.floor(this.now() * this.fps + 0.01); }

    seek(time) {
      const last = Math.max(0, Math.ceil(this.length * this.fps - 0.01) - 1);
      const frame = Math.min(last, Math.max(0, Math.floor(time * this.fps + 0.01)));
      // In the middle of a frame, which is shown then whatever way the browser rounds.
      this.video.currentTime = (frame + 0.5) / this.fps;
      this.tick();
    }

    step(frames) {
      this.video.pause();
      this.seek((this.frame() + frames) / this.fps);
    }

    toggle() {
      if (this.video.hidden) return;
      if (this.video.paused) this.video.play().catch((error) => this.say(error.message, true));
      else this.video.pause();
    }

    clicked(event, bar) {
      const box = bar.getBoundingClientRect();
      this.seek(bar.from + ((event.clientX - box.left) / box.width) * (bar.to - bar.from));
    }

    // -- labelling -------------------------------------------------------------------------------------

    mark(which) {
      if (!this.told.film) { this[which].focus(); return this.say("Write the seconds; there is no film to take them from.", true); }
      const frame = this.frame();
      const time = round((which === "from" ? frame : frame + 1) / this.fps);
      this[which].value = time;
      if (which === "from" && this.to.value !== "" && Number(this.to.value) <= time) this.to.value = "";
      this.paint();
      if (which === "to" && this.from.value !== "") {
        this.video.pause();
        this.called.focus();
        this.called.select();
        this.say("Name it; Enter adds it, Escape leads back to the film.");
      } else this.say(which === "from" ? "In. Go on to where it ends, and press O." : "Out. Press I where it begins.");
      return undefined;
    }

    name(name) {
      this.called.value = name;
      if (this.from.value !== "" && this.to.value !== "") this.add();
      else this.say(`${name} it will be; press I and O.`);
    }

    add() {
      const [start, end, label] = [Number(this.from.value), Number(this.to.value), this.called.value.trim()];
      if (this.from.value === "" || this.to.value === "") return this.say("Press I where it begins and O where it ends.", true);
      if (!(end > start)) return this.say("It must end after it begins.", true);
      if (!label) { this.called.focus(); return this.say("Say what happens.", true); }
      const one = { start: round(start), end: round(end), label, about: this.chosen?.about ?? {} };
      this.change([...this.labels.filter((other) => other !== this.chosen && !same(other, one)), one]);
      this.chosen = null;
      this.from.value = this.to.value = "";
      this.called.blur();
      this.show();
      return undefined;
    }

    choose(one) {
      this.chosen = this.told.may ? one : null;
      this.from.value = one?.start ?? "";
      this.to.value = one?.end ?? "";
      if (one) {
        this.called.value = one.label;
        this.video.pause();
        this.seek(one.start);
      } else this.called.blur();
      this.say(one && this.told.may ? "Change its times or its name; Enter keeps that, Delete removes it." : "");
      [...this.list.children].forEach((entry, number) => entry.classList.toggle("chosen", this.labels[number] === this.chosen));
      this.paint();
    }

    along(way) {
      if (!this.labels.length) return;
      const here = this.labels.indexOf(this.chosen);
      const next = here < 0
        ? this.labels.findIndex(({ start }) => start > this.now()) + (way < 0 ? -1 : 0)
        : here + way;
      this.choose(this.labels[(next + this.labels.length) % this.labels.length]);
      this.list.children[this.labels.indexOf(this.chosen)]?.scrollIntoView({ block: "nearest" });
    }

    remove(one) {
      if (this.chosen === one) this.choose(null);
      this.change(this.labels.filter((other) => other !== one));
      this.show();
    }

    undo() {
      const before = this.past.pop();
      if (before === undefined) return;
      this.chosen = null;
      this.labels = JSON.parse(before);
      this.save();
      this.show();
    }

    change(labels) {
      this.past.push(JSON.stringify(this.labels));
      if (this.past.length > UNDOS) this.past.shift();
      this.labels = labels.sort((one, other) => one.start - other.start || one.end - other.end);
      this.save();
    }

    byKey(event) {
      const { key, target } = event;
      const writes = target.matches?.("input:not([type=range]), textarea, select, [contenteditable]");
      if (event.altKey || event.isComposing) return;
      if (event.ctrlKey || event.metaKey) {
        if (key !== "z" || writes || !this.told.may) return;
        this.undo();
      } else if (writes) {
        if (!this.contains(target)) return;
        if (key === "Enter" && target.type !== "file") this.add();
        else if (key === "Escape") target.blur();
        else return;
      } else if ((key === " " || key === "Enter") && target.closest?.("button, a, summary")) return;
      else if (key === " ") this.toggle();
      else if (key === "ArrowLeft" || key === "ArrowRight") this.step((key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? Math.round(this.fps) : 1));
      else if (key === "Home") this.seek(0);
      else if (key === "End") this.seek(this.length);
      else if (key === "j" || key === "k") this.along(key === "j" ? 1 : -1);
      else if (!this.told.may) return;
      else if (key === "i" || key === "I") this.mark("from");
      else if (key === "o" || key === "O") this.mark("to");
      else if (key === "n") { this.called.focus(); this.called.select(); }
      else if (key === "u") this.undo();
      else if (key === "Enter") this.add();
      else if (key === "Escape") this.choose(null);
      else if ((key === "Delete" || key === "Backspace") && this.chosen) this.remove(this.chosen);
      else if (key >= "1" && key <= "9" && this.names[Number(key) - 1]) this.name(this.names[Number(key) - 1]);
      else return;
      event.preventDefault();
    }

    // -- keeping ---------------------------------------------------------------------------------------

    async ask(method, body) {
      const answer = await fetch(`/api/v1/footage/${this.told.footage}/labels`, {
        method, headers: { "Content-Type": "application/json", "X-CSRF-Token": this.told.csrf }, body: JSON.stringify(body),
      });
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(told.detail ?? `The server answered ${answer.status}.`);
      return told;
    }

    async save() {
      this.unsaved = true;
      if (this.saving) return;
      this.saving = true;
      this.say("Saving …");
      try {
        let sent = null, told = null;
        while (sent !== this.labels) { // until nothing changed meanwhile
          sent = this.labels;
          told = await this.ask("PUT", { edition: this.edition, labels: sent });
          this.edition = told.edition;
        }
        this.unsaved = false;
        this.adopt(told.labels);
        this.say("Saved. It is found by search at once.");
      } catch (error) {
        this.say(`${error.message} Not saved: mend it or undo it.`, true);
      } finally {
        this.saving = false;
      }
    }

    adopt(labels) {
      const { chosen } = this;
      this.labels = labels;
      this.chosen = chosen && (labels.find((one) => same(one, chosen)) ?? null);
      this.show();
    }

    async take(file) {
      const [chosen] = file.files;
      file.value = "";
      if (!chosen) return;
      try {
        const before = JSON.stringify(this.labels);
        const told = await this.ask("POST", { name: chosen.name, text: await chosen.text() });
        this.edition = told.edition;
        this.past.push(before);
        this.adopt(told.labels);
        const others = told.left_out ? `; ${told.left_out} are about other footage and left out` : "";
        this.say(`Imported ${chosen.name}${others}.`);
      } catch (error) {
        this.say(error.message, true);
      }
    }
  });
})();
