// The map beside the list: each location once, by what is best there. Useful without a base map.
import { control, divIcon, latLngBounds, map, marker, tileLayer } from "leaflet";

const BEST = ["nu", "later", "tekort", "vol", "onbevestigd", "onbekend", "opnamestop"];
const SHAPES = {
  nu: ["vrij", "vrij"], later: ["later", "vrij"], vol: ["leeg", "leeg"], tekort: ["tekort", "tekort"],
  onbevestigd: ["onb", "onb"], onbekend: ["onb", "onb"], opnamestop: ["stop", "stop"],
};

/** Leaflet takes an attribution for HTML. */
function escaped(text) {
  const box = document.createElement("span");
  box.textContent = text;
  return box.innerHTML;
}

function icon(state) {
  const [shape, kind] = SHAPES[state];
  const svg = `<svg class="s" aria-hidden="true"><use href="#s-${shape}"/></svg>`;
  return divIcon({ className: `kaartpunt st--${kind}`, html: svg, iconSize: [18, 18] });
}

export class BoardMap {
  constructor({ rows, choose, words }) {
    Object.assign(this, { rows, choose });
    const box = document.getElementById("kaart");
    this.map = map(box, { attributionControl: Boolean(box.dataset.tegels), keyboard: true, zoomControl: false, maxZoom: 18 });
    control.zoom({ zoomInTitle: words.dichterbij, zoomOutTitle: words.verderaf }).addTo(this.map);
    if (box.dataset.tegels) tileLayer(box.dataset.tegels, { attribution: escaped(box.dataset.bron) }).addTo(this.map);
    this.map.setView([52.07, 4.4], 10);
    this.markers = new Map();
    this.show();
    new ResizeObserver(() => this.map.invalidateSize()).observe(box);
  }

  show() {
    const found = new Map();
    for (const row of this.rows.all()) {
      const { p: point, st: state } = row.dataset;
      if (!point || row.hidden) continue;
      const known = found.get(point);
      if (!known || BEST.indexOf(state) < BEST.indexOf(known.dataset.st)) found.set(point, row);
    }
    for (const [point, shown] of this.markers) {
      if (found.has(point)) continue;
      shown.remove();
      this.markers.delete(point);
    }
    for (const [point, row] of found) this.mark(point, row);
    if (this.fitted || !this.markers.size) return;
    this.fitted = true;
    const points = [...this.markers.values()].map((each) => each.getLatLng());
    this.map.fitBounds(latLngBounds(points), { padding: [18, 18], maxZoom: 13, animate: false });
  }

  mark(point, row) {
    const { st: state } = row.dataset;
    const name = row.querySelector(".loc").textContent;
    let shown = this.markers.get(point);
    if (!shown) {
      shown = marker(point.split(" ").map(Number), { title: name, alt: name, keyboard: false, icon: icon(state) });
      shown.on("click", () => this.choose(document.getElementById(shown.row)));
      this.markers.set(point, shown.addTo(this.map));
    }
    shown.row = row.id;
    if (shown.state === state) return;
    shown.state = state;
    shown.setIcon(icon(state));
  }

  chosen(point) {
    for (const [at, shown] of this.markers) {
      shown.getElement()?.classList.toggle("gekozen", at === point);
    }
  }
}
