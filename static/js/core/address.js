// Addresses as the search labels them. Pure.

/** "Street 12, 00100 Helsinki" in its parts; what is not there is empty. */
export function parts(label) {
  const [address, ...rest] = label.split(", ");
  const found = /^(\d[\dA-Z -]{2,9}\d)?\s*(.*)$/.exec(rest.join(", ")) ?? [];
  return { address: address.trim(), postcode: (found[1] ?? "").trim(), place: (found[2] ?? "").trim() };
}
