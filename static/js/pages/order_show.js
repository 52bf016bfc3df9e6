// Where one order goes.

import { placeMap } from "../map/place_map.js";

const about = JSON.parse(document.getElementById("map-data").textContent);
const { map, pin } = placeMap(globalThis.L, about, { zoom: 15 });
pin.setLatLng(about.pin).addTo(map);
