// The map beside the list: each location once, by what is best there. Useful without a base map.
import { divIcon, latLngBounds, map, marker, tileLayer } from "leaflet";

const BEST = ["nu", "later", "tekort", "vol", "onbevestigd", "onbekend", "opnamestop"];
const SHAPES = {
  nu: ["vrij", "vrij"], later: ["later", "vrij"], vol: ["leeg", "leeg"], tekort: ["tekort", "tekort"],
  onbevestigd: ["onb", "onb"], onbekend: ["onb", "onb"], opnamestop: ["stop", "stop"],
};

function icon(state) {
  const [shape, kind] = SHAPES[state];
  const svg = `<svg class="s" aria-hidden="true"><use href="#s-${shape}"/></svg>`;
  return divIcon({ className: `kaartpunt st--${kind}`, html: svg, iconSize: [18, 18] });
}

export class BoardMap {
  constructor({ rows, choose }) {
    Object.assign(this, { rows, choose });
    const box = document.getElementById("kaart");
    this.map = map(box, { attributionControl: Boolean(box.dataset.tegels), keyboard: true, zoomControl: true });
    if (box.dataset.tegels) tileLayer(box.dataset.tegels, { attribution: "Kadaster" }).addTo(this.map);
    this.map.setView([52.07, 4.4], 10);
    this.markers = new Map();
    this.show();
    new ResizeObserver(() => this.map.invalidateSize()).observe(box);
  }

  show() {
    const found = new Map();
    for (const row of this.rows.all()) {
      const { l: location, p: point, st: state } = row.dataset;
      if (!point || row.hidden) continue;
      const known = found.get(location);
      if (!known || BEST.indexOf(state) < BEST.indexOf(known.dataset.st)) found.set(location, row);
    }
    for (const [location, shown] of this.markers) {
      if (found.has(location)) continue;
      shown.remove();
      this.markers.delete(location);
    }
    for (const [location, row] of found) this.mark(location, row);
    if (this.fitted || !this.markers.size) return;
    this.fitted = true;
    const points = [...this.markers.values()].map((each) => each.getLatLng());
    this.map.fitBounds(latLngBounds(points), { padding: [18, 18], animate: false });
  }

  mark(location, row) {
    const { st: state, p: point } = row.dataset;
    const name = row.querySelector(".loc").textContent;
    let shown = this.markers.get(location);
    if (!shown) {
      shown = marker(point.split(" ").map(Number), { title: name, alt: name, keyboard: false, icon: icon(state) });
      shown.on("click", () => this.choose(document.getElementById(shown.row)));
      this.markers.set(location, shown.addTo(this.map));
    }
    shown.row = row.id;
    if (shown.state === state) return;
    shown.state = state;
    shown.setIcon(icon(state));
  }

  chosen(location) {
    for (const [id, shown] of this.markers) {
      shown.getElement()?.classList.toggle("gekozen", id === location);
    }
  }
}
