// Draws masks and zones on a camera's picture: with a mouse, a finger or the keyboard. Places are shares of the picture.
(() => {
  const NEAR = 18; // pixels within which a click means the corner that is there
  const SVG = "http://www.w3.org/2000/svg";
  const NAME = /^[A-Za-z0-9_-]{1,60}$/;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const clamp = (value) => Math.min(1, Math.max(0, value));
  const round = (value) => Math.round(value * 1e4) / 1e4;
  const middle = ([a, b], [c, d]) => [(a + c) / 2, (b + d) / 2];

  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...inside);
    return element;
  };
  const put = (element, [x, y]) => { element.style.left = `${100 * x}%`; element.style.top = `${100 * y}%`; };

  customElements.define("camera-sketch", class extends HTMLElement {
    connectedCallback() {
      if (this.stage) return;
      this.told = JSON.parse(this.dataset.told);
      this.begun();
      this.drawing = null; // the shape that is being drawn
      this.chosen = -1;
      this.cross = [0.5, 0.5]; // where the keyboard draws
      this.build();
      this.show();
      addEventListener("beforeunload", (event) => { if (this.isConnected && this.dirty) event.preventDefault(); });
    }

    begun() {
      const { masks, zones, fixed } = this.told;
      this.shapes = [
        ...masks.map((points) => ({ kind: "mask", name: "", points, fixed })),
        ...zones.map(({ name, zone: { polygon = [], ...rest }, fixed }) =>
          ({ kind: "zone", name, points: polygon, rest, fixed })),
      ].map((shape) => ({ ...shape, points: shape.points.map((point) => [...point]) }));
      this.dirty = false;
    }

    // -- what is there ---------------------------------------------------------------------------------

    build() {
      const { size, preview, fixed } = this.told;
      const image = make("img", { "data-live": preview, alt: "" });
      this.lines = document.createElementNS(SVG, "svg");
      this.lines.setAttribute("viewBox", "0 0 1 1");
      this.lines.setAttribute("preserveAspectRatio", "none");
      this.handles = make("div", { class: "handles" });
      this.stage = make("div", {
        class: "stage", tabindex: "-1", role: "application", "aria-label": "The picture",
        onclick: (event) => this.clicked(event), onpointermove: (event) => this.hovered(event),
        onkeydown: (event) => this.drawByKey(event),
      }, image, make("span", { class: "waiting" }, "no picture yet"), this.lines, this.handles);
      if (size[0]) this.stage.style.aspectRatio = `${size[0]} / ${size[1]}`;
      image.addEventListener("load", () => {
        this.stage.style.aspectRatio = `${image.naturalWidth} / ${image.naturalHeight}`;
      });
      const button = (label, act, classes = "tool") => make("button", { class: classes, type: "button", onclick: act }, label);
      this.begin = make("div", { class: "tools" },
        button("Draw a mask", () => this.start("mask")), button("Draw a zone", () => this.start("zone")));
      if (fixed) this.begin.firstChild.remove();
      this.proposer = button("Propose from the picture", () => this.propose());
      this.begin.append(this.proposer);
      this.going = make("div", { class: "tools" }, button("Close it", () => this.close(), "button"),
        button("Undo corner", () => this.undo()), button("Cancel", () => this.cancel()));
      this.hint = make("p", { class: "soft", role: "status" });
      this.list = make("ul", { class: "shapes", "aria-label": "Masks and zones" });
      this.saver = button("Save", () => this.save(), "button");
      this.said = make("p", { role: "status", class: "soft" });
      this.anew = button("Learn anew", () => this.learnAnew());
      this.anew.hidden = true;
      const side = make("div", { class: "side" }, this.begin, this.going, this.hint, this.list,
        make("div", { class: "tools" }, this.saver, this.anew), this.said);
      this.append(this.stage, side);
    }

    show() {
      const { drawing } = this;
      this.begin.hidden = Boolean(drawing);
      this.going.hidden = !drawing;
      this.going.firstChild.disabled = !drawing || drawing.points.length < 3;
      this.stage.classList.toggle("drawing", Boolean(drawing));
      this.stage.tabIndex = drawing ? 0 : -1;
      this.saver.disabled = Boolean(drawing) || !this.dirty;
      this.hint.textContent = drawing
        ? "Click or tap to add corners; the first corner again closes it. By key: arrows, Enter, Escape."
        : "Drag corners to move them, the small ones between to add some. By key: arrows move, Delete removes.";
      this.paint();
      this.place();
      this.lay();
    }

    paint() {
      this.lines.replaceChildren();
      const line = (tag, points, classes) => {
        const element = document.createElementNS(SVG, tag);
        element.setAttribute("points", points.map((point) => point.join(",")).join(" "));
        element.setAttribute("class", classes);
        this.lines.append(element);
        return element;
      };
      this.shapes.forEach((shape, number) => {
        const classes = `${shape.kind}${shape.proposed ? " proposed" : ""}${number === this.chosen ? " chosen" : ""}`;
        if (shape.points.length) line("polygon", shape.points, classes).dataset.number = number;
        if (shape.rest?.lane) line("polyline", shape.rest.lane, `${classes} lane`).dataset.number = number;
      });
      if (this.drawing) {
        const { points, kind } = this.drawing;
        line("polyline", this.pointer && points.length ? [...points, this.pointer] : points, `${kind} chosen lane`);
      }
    }

    place() {
      const found = [];
      const handle = (point, label, more) => {
        const button = make("button", { type: "button", class: "corner", "aria-label": label, ...more });
        put(button, point);
        found.push(button);
      };
      this.shapes.forEach((shape, number) => {
        const points = shape.points.length ? shape.points : shape.rest?.lane ?? [];
        if (!points.length) return;
        const tag = make("span", { class: `tag ${shape.kind}` }, this.called(shape));
        const [x, y] = points.reduce((top, point) => (point[1] < top[1] ? point : top));
        put(tag, [x, y]);
        // Above its highest corner, but within the picture.
        tag.style.translate = `${x < 0.15 ? "0" : x > 0.85 ? "-100%" : "-50%"} ${y < 0.12 ? "8px" : "calc(-100% - 8px)"}`;
        found.push(tag);
      });
      const shape = this.drawing ? null : this.shapes[this.chosen];
      if (shape && !shape.fixed && !shape.proposed) {
        shape.points.forEach((point, k) => {
          const following = shape.points[(k + 1) % shape.points.length];
          handle(point, `corner ${k + 1} of ${this.called(shape)}`, {
            onpointerdown: (event) => this.drag(event, shape, k), onkeydown: (event) => this.moveByKey(event, shape, k),
          });
          handle(middle(point, following), `add a corner after corner ${k + 1}`, {
            class: "corner between",
            onpointerdown: (event) => this.split(event, shape, k),
            onclick: (event) => { if (event.detail === 0) this.split(null, shape, k); },
          });
        });
      }
      this.drawing?.points.forEach((point, k) => {
        const dot = make("span", { class: `corner${k ? "" : " first"}` });
        put(dot, point);
        found.push(dot);
      });
      if (this.drawing) {
        this.crosshair = make("span", { class: "cross" });
        put(this.crosshair, this.cross);
        found.push(this.crosshair);
      }
      this.handles.replaceChildren(...found);
    }

    lay() {
      this.list.replaceChildren(...this.shapes.map((shape, number) => {
        const entry = make("li", {
          tabindex: "0", class: number === this.chosen ? "chosen" : "", "aria-label": this.called(shape),
          onfocusin: () => this.choose(number),
          onkeydown: (event) => { if (event.key === "Delete" && event.target === entry) this.remove(number); },
        }, make("i", { class: shape.kind }));
        if (shape.kind === "zone" && !shape.fixed && !shape.proposed) {
          entry.append(make("input", {
            value: shape.name, "aria-label": "Name of the zone", maxlength: "60", spellcheck: "false",
            oninput: (event) => {
              shape.name = event.target.value.trim();
              entry.setAttribute("aria-label", this.called(shape));
              entry.lastChild.setAttribute("aria-label", `Remove ${this.called(shape)}`);
              this.touch();
              this.place();
            },
          }));
        } else entry.append(make("b", {}, this.called(shape)));
        if (shape.proposed) {
          entry.append(make("button", {
            type: "button", class: "tool", "aria-label": `Take ${this.called(shape)}`, onclick: () => this.take(number),
          }, "Take it"));
        }
        entry.append(shape.fixed ? make("small", { class: "soft" }, "kept in the settings file") : make("button", {
          type: "button", class: "tool", onclick: () => this.remove(number),
          "aria-label": `${shape.proposed ? "Leave" : "Remove"} ${this.called(shape)}`,
        }, shape.proposed ? "Leave" : "Remove"));
        return entry;
      }));
      if (!this.shapes.length) this.list.append(make("li", { class: "soft none" }, "Nothing is drawn yet."));
    }

    called(shape) {
      if (shape.kind === "zone" || shape.proposed) return shape.name || "zone";
      return `mask ${this.shapes.filter((one) => one.kind === "mask" && !one.proposed).indexOf(shape) + 1}`;
    }

    choose(number) {
      if (number === this.chosen || this.drawing) return;
      this.chosen = number;
      this.paint();
      this.place();
      [...this.list.children].forEach((entry, k) => entry.classList.toggle("chosen", k === number));
    }

    touch() {
      this.dirty = true;
      this.saver.disabled = Boolean(this.drawing);
      this.anew.hidden = true;
      this.say("Not saved yet.");
    }

    say(words, wrong = false) {
      this.said.textContent = words;
      this.said.className = wrong ? "fault" : "soft";
    }

    // -- proposals -------------------------------------------------------------------------------------

    async propose() {
      this.proposer.disabled = true;
      this.say("Looking at the camera for some seconds …");
      try {
        const { zones, masks } = await (await this.ask("POST", "/proposal")).json();
        this.shapes = this.shapes.filter((shape) => !shape.proposed);
        const taken = new Set(this.shapes.map((shape) => shape.name));
        const free = (name) => {
          let found = name;
          for (let count = 2; taken.has(found); count += 1) found = `${name}-${count}`;
          taken.add(found);
          return found;
        };
        const proposed = (kind) => ({ name, polygon }) =>
          ({ kind, name: free(name), points: polygon, rest: {}, fixed: false, proposed: true });
        const offered = [...zones.map(proposed("zone")), ...(this.told.fixed ? [] : masks.map(proposed("mask")))];
        this.shapes.push(...offered);
        this.chosen = -1;
        this.show();
        this.say(offered.length
          ? "Proposed: take what fits, leave the rest. Nothing is kept before you save."
          : "Nothing more to propose: no ground, trees or sky that is not drawn already.");
      } catch (error) { this.say(error.message, true); }
      this.proposer.disabled = false;
    }

    take(number) {
      const shape = this.shapes[number];
      shape.proposed = false;
      this.chosen = number;
      this.touch();
      this.show();
      const entry = this.list.children[number];
      (entry.querySelector("input") ?? entry).focus({ preventScroll: true });
    }

    // -- drawing ---------------------------------------------------------------------------------------

    start(kind) {
      this.drawing = { kind, points: [] };
      this.chosen = -1;
      this.pointer = null;
      this.show();
      this.stage.focus({ preventScroll: true });
      this.stage.scrollIntoView({ block: "nearest" });
    }

    cancel() { this.drawing = null; this.show(); }

    undo() { this.drawing.points.pop(); this.show(); }

    add(point) {
      const { points } = this.drawing;
      const box = this.stage.getBoundingClientRect();
      const near = (other) => other && Math.hypot((point[0] - other[0]) * box.width, (point[1] - other[1]) * box.height) < NEAR;
      if (points.length >= 3 && (near(points[0]) || near(points.at(-1)))) return this.close();
      if (near(points.at(-1))) return undefined;
      points.push(point);
      return this.show();
    }

    close() {
      const { kind, points } = this.drawing;
      if (points.length < 3) return;
      const taken = new Set(this.shapes.map((shape) => shape.name));
      let count = 1;
      while (taken.has(`zone-${count}`)) count += 1;
      this.drawing = null;
      this.shapes.push({ kind, points, rest: {}, fixed: false, name: kind === "zone" ? `zone-${count}` : "" });
      this.chosen = this.shapes.length - 1;
      this.touch();
      this.show();
      const entry = this.list.children[this.chosen];
      (entry.querySelector("input") ?? entry).focus({ preventScroll: true });
    }

    at(event) {
      const box = this.stage.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map(clamp).map(round);
    }

    clicked(event) {
      if (this.drawing) this.add(this.at(event));
      else if (event.target.dataset?.number !== undefined) this.choose(Number(event.target.dataset.number));
      else if (!event.target.closest("button")) this.choose(-1);
    }

    hovered(event) {
      if (!this.drawing || event.pointerType === "touch") return;
      this.pointer = this.at(event);
      this.paint();
    }

    drawByKey(event) {
      if (!this.drawing || event.target !== this.stage) return;
      const arrow = ARROWS[event.key];
      if (arrow) {
        const step = event.shiftKey ? 0.1 : 0.01;
        this.cross = this.cross.map((value, k) => round(clamp(value + step * arrow[k])));
        this.pointer = this.cross;
        put(this.crosshair, this.cross);
        this.paint();
      } else if (event.key === "Enter" || event.key === " ") this.add([...this.cross]);
      else if (event.key === "Escape") this.cancel();
      else if (event.key === "Backspace" || event.key === "Delete") this.undo();
      else return;
      event.preventDefault();
    }

    // -- changing --------------------------------------------------------------------------------------

    drag(event, shape, k) {
      const handle = event.currentTarget ?? event.target;
      event.preventDefault();
      handle.focus({ preventScroll: true });
      handle.setPointerCapture(event.pointerId);
      this.handles.classList.add("dragging");
      const move = (moved) => { shape.points[k] = this.at(moved); put(handle, shape.points[k]); this.touch(); this.paint(); };
      const end = () => {
        handle.removeEventListener("pointermove", move);
        this.handles.classList.remove("dragging");
        this.place();
      };
      handle.addEventListener("pointermove", move);
      handle.addEventListener("pointerup", end, { once: true });
      handle.addEventListener("pointercancel", end, { once: true });
    }

    split(event, shape, k) {
      shape.points.splice(k + 1, 0, middle(shape.points[k], shape.points[(k + 1) % shape.points.length]).map(round));
      this.touch();
      this.paint();
      this.place();
      const corner = this.handles.querySelectorAll("button.corner:not(.between)")[k + 1];
      if (event) this.drag({ target: corner, pointerId: event.pointerId, preventDefault: () => event.preventDefault() }, shape, k + 1);
      else corner.focus();
    }

    moveByKey(event, shape, k) {
      const arrow = ARROWS[event.key];
      if (arrow) {
        const step = event.shiftKey ? 0.05 : 0.005;
        shape.points[k] = shape.points[k].map((value, axis) => round(clamp(value + step * arrow[axis])));
        put(event.currentTarget, shape.points[k]);
        this.touch();
        this.paint();
      } else if (event.key === "Delete" || event.key === "Backspace") {
        if (shape.points.length <= 3) this.remove(this.shapes.indexOf(shape));
        else {
          shape.points.splice(k, 1);
          this.touch();
          this.paint();
          this.place();
          this.handles.querySelectorAll("button.corner:not(.between)")[k % shape.points.length].focus();
        }
      } else return;
      event.preventDefault();
    }

    remove(number) {
      const [shape] = this.shapes.slice(number);
      if (shape.fixed) return;
      this.shapes.splice(number, 1);
      this.chosen = -1;
      if (!shape.proposed) this.touch();
      this.show();
      (this.list.children[Math.min(number, this.shapes.length - 1)] ?? this.begin.firstChild).focus({ preventScroll: true });
    }

    // -- keeping ---------------------------------------------------------------------------------------

    async ask(method, path, body) {
      const answer = await fetch(`/api/v1/cameras/${encodeURIComponent(this.told.camera)}${path}`, {
        method,
        headers: { "Content-Type": "application/json", "X-CSRF-Token": this.told.csrf },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail ?? `The server answered ${answer.status}.`);
      return answer;
    }

    fault() {
      const names = this.shapes.filter((shape) => shape.kind === "zone" && !shape.proposed).map((shape) => shape.name);
      const wrong = names.find((name) => !NAME.test(name));
      if (wrong !== undefined) return `A zone cannot be called “${wrong}”; use letters, digits, _ and -.`;
      const twice = names.find((name, k) => names.indexOf(name) !== k);
      return twice && `Two zones are called ${twice}; give each a name of its own.`;
    }

    async save() {
      const wrong = this.fault();
      if (wrong) { this.say(wrong, true); return; }
      this.saver.disabled = true;
      this.say("Saving …");
      try {
        const uncovered = await this.saveMasks();
        await this.saveZones();
        this.dirty = false;
        this.anew.hidden = !uncovered;
        this.say(uncovered
          ? "Saved. What a mask covers no more was never learned: if there are alerts for it, have it learned anew."
          : "Saved.");
      } catch (error) {
        this.saver.disabled = false;
        this.say(error.message, true);
      }
    }

    async saveMasks() {
      const masks = this.shapes.filter((shape) => shape.kind === "mask" && !shape.proposed).map((shape) => shape.points);
      const now = new Set(masks.map((mask) => JSON.stringify(mask)));
      const uncovered = this.told.masks.some((mask) => !now.has(JSON.stringify(mask)));
      if (JSON.stringify(masks) !== JSON.stringify(this.told.masks)) await this.ask("PATCH", "", { masks });
      this.told.masks = masks.map((mask) => mask.map((point) => [...point]));
      return uncovered;
    }

    async saveZones() {
      const before = new Map(this.told.zones.filter((one) => !one.fixed).map((one) => [one.name, one]));
      for (const { kind, name, points, rest, fixed, proposed } of this.shapes) {
        if (kind !== "zone" || fixed || proposed) continue;
        const zone = points.length ? { ...rest, polygon: points.map((point) => [...point]) } : rest;
        const known = before.get(name);
        before.delete(name);
        if (known && JSON.stringify([known.zone.polygon, known.zone.lane]) === JSON.stringify([zone.polygon, zone.lane])) continue;
        await this.ask("PUT", `/zones/${name}`, zone);
        this.told.zones = [...this.told.zones.filter((one) => one.name !== name), { name, zone, fixed: false }];
      }
      for (const name of before.keys()) {
        await this.ask("DELETE", `/zones/${name}`);
        this.told.zones = this.told.zones.filter((one) => one.name !== name);
      }
    }

    async learnAnew() {
      this.anew.hidden = true;
      try {
        await this.ask("POST", "/restart?anew=true");
        this.say("It learns anew what is normal there.");
      } catch (error) { this.say(error.message, true); }
    }
  });
})();
